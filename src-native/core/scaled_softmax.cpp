#include "scaled_softmax.h"

#include <algorithm>
#include <cmath>
#include <string>

namespace deltalab {

namespace {

class ScaledSoftmax {
 public:
  ScaledSoftmax(const Graph& graph, Plan& plan)
      : graph_(graph), plan_(plan), readers_(plan.readers()), makers_(plan.values.size(), -1), gone_(plan.nodes.size(), false) {
    for (size_t i = 0; i < plan_.nodes.size(); ++i) {
      for (int output : plan_.nodes[i].outputs) {
        if (output >= 0) makers_[static_cast<size_t>(output)] = static_cast<int>(i);
      }
    }
  }

  void run() {
    for (PlannedNode& node : plan_.nodes) {
      if (node.definition->fusesScale && overLastAxis(node.context)) absorb(node);
    }
    plan_.remove(gone_);
  }

 private:
  const PlannedValue& value(int index) const { return plan_.values[static_cast<size_t>(index)]; }
  size_t rootOf(int index) const { return static_cast<size_t>(value(index).root); }

  static bool overLastAxis(const NodeContext& context) {
    const int64_t rank = static_cast<int64_t>(context.shape(0).size());
    return context.axis(-1, rank, rank - 1) == rank - 1;
  }

  void absorb(PlannedNode& node) {
    const int mask = takeMask(node);
    takeScale(node);
    if (mask >= 0) node.inputs.push_back(mask);
  }

  /** The node of this operator that makes the input of `node` for it alone; null otherwise. */
  PlannedNode* makerOf(const PlannedNode& node, const std::string& opType) {
    const int input = node.inputs[0];
    const int maker = makers_[static_cast<size_t>(input)];
    if (maker < 0 || readers_[rootOf(input)] != 1) return nullptr;
    PlannedNode& result = plan_.nodes[static_cast<size_t>(maker)];
    return opType == result.definition->opType && result.activation == Activation::None ? &result : nullptr;
  }

  /** Values that are the same for all lanes and runs; null otherwise. */
  const Initializer* constantAt(int index) const {
    const PlannedValue& found = value(index);
    if (found.initializer < 0 || found.varies) return nullptr;
    const Initializer& initializer = graph_.initializers[static_cast<size_t>(found.initializer)];
    return initializer.integer ? nullptr : &initializer;
  }

  /** Makes `node` read what `maker` read at `place`. */
  void stepOver(PlannedNode& node, const PlannedNode& maker, size_t place) {
    node.inputs[0] = maker.inputs[place];
    gone_[static_cast<size_t>(&maker - plan_.nodes.data())] = true;
  }

  /** The mask of a sum that is stepped over, or -1. A mask has the last dimensions of the scores and repeats over the others. */
  int takeMask(PlannedNode& node) {
    PlannedNode* sum = makerOf(node, "Add");
    if (!sum) return -1;
    for (size_t place : {size_t{1}, size_t{0}}) {
      const int mask = sum->inputs[place];
      const int scores = sum->inputs[1 - place];
      const Shape& shape = value(scores).shape;
      if (!constantAt(mask) || shape != value(node.output()).shape || !repeatsOver(value(mask).shape, shape)) continue;
      stepOver(node, *sum, 1 - place);
      return mask;
    }
    return -1;
  }

  static bool repeatsOver(const Shape& mask, const Shape& shape) {
    size_t ones = 0;
    while (ones < mask.size() && mask[ones] == 1) ++ones;
    const auto rest = static_cast<std::ptrdiff_t>(mask.size() - ones);
    return rest > 0 && mask.size() <= shape.size() &&
           std::equal(mask.begin() + static_cast<std::ptrdiff_t>(ones), mask.end(), shape.end() - rest);
  }

  void takeScale(PlannedNode& node) {
    for (const char* opType : {"Mul", "Div"}) {
      PlannedNode* product = makerOf(node, opType);
      if (!product) continue;
      for (size_t place : {size_t{1}, size_t{0}}) {
        if (place == 0 && opType[0] == 'D') continue;
        const Initializer* factor = constantAt(product->inputs[place]);
        const bool single = factor && factor->values.size() == 1;
        if (!single || value(product->inputs[1 - place]).shape != value(node.output()).shape) continue;
        const double number = static_cast<double>(factor->values[0]);
        const double scale = opType[0] == 'D' ? 1 / number : number;
        if (!std::isfinite(scale) || scale < 0) continue;
        node.scale = scale;
        return stepOver(node, *product, 1 - place);
      }
    }
  }

  const Graph& graph_;
  Plan& plan_;
  /** By root. */
  std::vector<int> readers_;
  /** Node that makes a value; -1 for views, inputs and initializers. */
  std::vector<int> makers_;
  std::vector<bool> gone_;
};

}  // namespace

void fuseScaledSoftmax(const Graph& graph, Plan& plan) { ScaledSoftmax(graph, plan).run(); }

}  // namespace deltalab
