#include "layout.h"

#include <algorithm>
#include <string>

#include "../cpu/conv.h"
#include "../ops/window.h"

namespace deltalab {

namespace {

class Arranger {
 public:
  explicit Arranger(Plan& plan) : plan_(plan) {}

  void arrange() {
    fusePools();
    for (size_t i = 0; i < plan_.values.size(); ++i) {
      if (mayBeChannelsLast(static_cast<int>(i))) plan_.values[i].channelsLast = true;
    }
  }

 private:
  static bool is(const PlannedNode& node, const char* opType) { return std::string(opType) == node.definition->opType; }

  /** Whether the kernels of cpu/conv.h compute it. */
  static bool isConvolution(const PlannedNode& node) {
    if (is(node, "Conv")) return Convolution::takes(convShape(node.context));
    return is(node, "ConvTranspose") && Convolution::takes(convTransposeShape(node.context));
  }

  const PlannedValue& value(int index) const { return plan_.values[static_cast<size_t>(index)]; }
  bool shares(int index, int root) const { return index >= 0 && value(index).root == root; }

  void fusePools() {
    const std::vector<int> readers = plan_.readers();
    std::vector<bool> gone(plan_.nodes.size(), false);
    for (size_t i = 0; i < plan_.nodes.size(); ++i) {
      PlannedNode& convolution = plan_.nodes[i];
      if (!is(convolution, "Conv") || !isConvolution(convolution) || readers[static_cast<size_t>(convolution.output())] != 1) continue;
      for (size_t j = i + 1; j < plan_.nodes.size(); ++j) {
        const PlannedNode& pool = plan_.nodes[j];
        if (gone[j] || !is(pool, "MaxPool") || pool.inputs[0] != convolution.output() || !hasOneOutput(pool)) continue;
        const Window window = poolWindow(pool.context);
        if (!Convolution::takesPool(window)) continue;
        convolution.pool = window;
        convolution.outputs[0] = pool.output();
        gone[j] = true;
        break;
      }
    }
    plan_.remove(gone);
  }

  static bool hasOneOutput(const PlannedNode& node) {
    return node.output() >= 0 && std::all_of(node.outputs.begin() + 1, node.outputs.end(), [](int output) { return output < 0; });
  }

  bool mayBeChannelsLast(int index) const {
    const bool owns = value(index).root == index && value(index).initializer < 0 && value(index).input < 0;
    if (!owns || std::any_of(plan_.outputs.begin(), plan_.outputs.end(), [&](int output) { return shares(output, index); })) return false;
    bool written = false;
    for (const PlannedNode& node : plan_.nodes) {
      for (size_t i = 0; i < node.inputs.size(); ++i) {
        if (!shares(node.inputs[i], index)) continue;
        if (i != 0 || node.inputs[i] != index || !isConvolution(node)) return false;
      }
      for (int output : node.outputs) {
        if (!shares(output, index)) continue;
        if (output != index || !isConvolution(node)) return false;
        written = true;
      }
    }
    return written;
  }

  Plan& plan_;
};

}  // namespace

void arrangePictures(Plan& plan) { Arranger(plan).arrange(); }

}  // namespace deltalab
