#include "dense_layers.h"

#include <string>

#include "../ops/gemm_step.h"

namespace deltalab {

std::vector<DenseLayer> denseLayers(const Plan& plan, size_t rows) {
  const std::vector<int> readers = plan.readers();
  const auto valueAt = [&](int value) -> const PlannedValue& { return plan.values[static_cast<size_t>(value)]; };
  const auto readOnce = [&](int value) { return readers[static_cast<size_t>(valueAt(value).root)] == 1; };
  const auto isOwn = [&](int value) { return value >= 0 && valueAt(value).initializer >= 0 && readOnce(value); };
  std::vector<DenseLayer> layers;
  int before = -1;
  for (const PlannedNode& node : plan.nodes) {
    if (std::string("Gemm") != node.definition->opType) return {};
    const GemmForm form = gemmForm(node.context);
    const bool hasBias = form.addend == GemmForm::Addend::Bias;
    const bool plain = !form.transA && form.transB && form.alpha == 1 && (hasBias || form.addend == GemmForm::Addend::None);
    const int input = node.inputs[0];
    if (!plain || input < 0 || static_cast<size_t>(form.m) != rows) return {};
    // The inputs of the network may come through a view, such as Flatten.
    const bool follows = before < 0 ? valueAt(valueAt(input).root).input == 0 : input == before && readOnce(before);
    if (!follows || !isOwn(node.inputs[1]) || (hasBias && !isOwn(node.inputs[2]))) return {};
    DenseLayer layer;
    layer.inputs = static_cast<size_t>(form.k);
    layer.outputs = static_cast<size_t>(form.n);
    layer.activation = node.activation;
    layer.alpha = static_cast<float>(node.activationAlpha);
    layer.weight = valueAt(node.inputs[1]).initializer;
    layer.weightMoves = valueAt(node.inputs[1]).differentiable;
    if (hasBias) {
      layer.bias = valueAt(node.inputs[2]).initializer;
      layer.biasMoves = valueAt(node.inputs[2]).differentiable;
    }
    layers.push_back(layer);
    before = node.output();
  }
  if (plan.outputs.size() != 1 || plan.outputs[0] != before) return {};
  return layers;
}

}  // namespace deltalab
