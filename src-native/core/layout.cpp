#include "layout.h"

#include <algorithm>
#include <string>

#include "../cpu/conv.h"
#include "../ops/window.h"

namespace deltalab {

namespace {

class Arranger {
 public:
  explicit Arranger(Plan& plan) : plan_(plan), groups_(plan.values.size()) {}

  void arrange() {
    fusePools();
    for (const PlannedNode& node : plan_.nodes) {
      for (size_t i = 0; i < node.inputs.size(); ++i) touch(node.inputs[i], node, i == 0);
      for (size_t i = 0; i < node.outputs.size(); ++i) touch(node.outputs[i], node, i == 0);
      joinSame(node);
    }
    for (int output : plan_.outputs) groupOf(output).fixed = true;
    for (size_t i = 0; i < plan_.values.size(); ++i) {
      PlannedValue& value = plan_.values[i];
      if (value.initializer >= 0 || value.input >= 0) groupOf(static_cast<int>(i)).fixed = true;
    }
    for (size_t i = 0; i < plan_.values.size(); ++i) {
      const Group& group = groupOf(static_cast<int>(i));
      if (value(static_cast<int>(i)).root == static_cast<int>(i)) plan_.values[i].channelsLast = group.wanted && !group.fixed;
    }
  }

 private:
  static bool is(const PlannedNode& node, const char* opType) { return std::string(opType) == node.definition->opType; }

  /** Whether the kernels of cpu/conv.h compute it. */
  static bool isConvolution(const PlannedNode& node) {
    if (is(node, "Conv")) return Convolution::takes(convShape(node.context));
    return is(node, "ConvTranspose") && Convolution::takes(convTransposeShape(node.context));
  }

  /** Whether its step takes either layout. */
  static bool isPool(const PlannedNode& node) {
    if (is(node, "GlobalAveragePool")) return true;
    return (is(node, "MaxPool") || is(node, "AveragePool")) && hasOneOutput(node) && Convolution::takesPool(poolWindow(node.context));
  }

  const PlannedValue& value(int index) const { return plan_.values[static_cast<size_t>(index)]; }

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

  /** How a node sees the layout of a value. */
  enum class View {
    /** As its shape says. */
    Planar,
    /** Either way, whatever its other values are; channels-last is better. */
    Either,
    /** Either way, the same for all values that it sees like this. */
    Same
  };

  View viewOf(const PlannedNode& node, bool first) const {
    if (first && (isConvolution(node) || isPool(node))) return View::Either;
    if (first && is(node, "BatchNormalization")) return View::Same;
    return isElementwise(node) ? View::Same : View::Planar;
  }

  bool isElementwise(const PlannedNode& node) const {
    const Shape& shape = value(node.output()).shape;
    const auto same = [&](int index) { return index >= 0 && value(index).shape == shape; };
    return node.definition->elementwise && std::all_of(node.inputs.begin(), node.inputs.end(), same);
  }

  /** Values that must lie in memory alike. */
  struct Group {
    /** The place of a group that has taken this one over; -1: none has. */
    int into = -1;
    bool fixed = false, wanted = false;
  };

  int placeOf(int index) const {
    int place = value(index).root;
    while (groups_[static_cast<size_t>(place)].into >= 0) place = groups_[static_cast<size_t>(place)].into;
    return place;
  }
  Group& groupOf(int index) { return groups_[static_cast<size_t>(placeOf(index))]; }

  void touch(int index, const PlannedNode& node, bool first) {
    if (index < 0) return;
    const View view = viewOf(node, first);
    Group& group = groupOf(index);
    // A view of another shape reads the memory in its order.
    if (view == View::Planar || value(index).shape != value(value(index).root).shape) group.fixed = true;
    if (view == View::Either) group.wanted = true;
  }

  void joinSame(const PlannedNode& node) {
    for (size_t i = 0; i < node.inputs.size(); ++i) {
      if (node.inputs[i] < 0 || viewOf(node, i == 0) != View::Same) continue;
      const int to = placeOf(node.output()), from = placeOf(node.inputs[i]);
      if (to == from) continue;
      Group &target = groups_[static_cast<size_t>(to)], &source = groups_[static_cast<size_t>(from)];
      target.fixed = target.fixed || source.fixed;
      target.wanted = target.wanted || source.wanted;
      source.into = to;
    }
  }

  Plan& plan_;
  std::vector<Group> groups_;
};

}  // namespace

void arrangePictures(Plan& plan) { Arranger(plan).arrange(); }

}  // namespace deltalab
