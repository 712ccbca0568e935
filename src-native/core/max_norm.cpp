#include "max_norm.h"

#include <cmath>

namespace deltalab {

namespace {

UnitLayout around(const Shape& dims, size_t axis) {
  UnitLayout layout;
  for (size_t i = 0; i < dims.size(); ++i) {
    size_t& part = i < axis ? layout.outer : i == axis ? layout.units : layout.inner;
    part *= static_cast<size_t>(dims[i]);
  }
  return layout;
}

bool transposed(const GraphNode& node) {
  for (const Attribute& attribute : node.attributes) {
    if (attribute.name == "transB") return attribute.number != 0;
  }
  return false;
}

/** Where a node reads weights, and the axis of its output units. */
std::optional<UnitLayout> layoutIn(const GraphNode& node, size_t input, const Shape& dims) {
  if (dims.size() < 2) return std::nullopt;
  const std::string& type = node.opType;
  if (type == "Gather") return input == 0 ? std::optional<UnitLayout>(around(dims, 0)) : std::nullopt;
  if (type == "LSTM" || type == "GRU" || type == "RNN") {
    if ((input != 1 && input != 2) || dims.size() != 3) return std::nullopt;
    return UnitLayout{1, static_cast<size_t>(dims[0] * dims[1]), static_cast<size_t>(dims[2])};
  }
  if (input != 1) return std::nullopt;
  if (type == "Gemm") return around(dims, transposed(node) ? 0 : 1);
  if (type == "MatMul") return around(dims, dims.size() - 1);
  if (type == "Conv") return around(dims, 0);
  if (type == "ConvTranspose") return around(dims, 1);
  return std::nullopt;
}

}  // namespace

std::optional<UnitLayout> unitsOf(const Graph& graph, const std::string& initializer, const Shape& dims) {
  for (const GraphNode& node : graph.nodes) {
    for (size_t input = 0; input < node.inputs.size(); ++input) {
      if (node.inputs[input] != initializer) continue;
      if (const auto layout = layoutIn(node, input, dims)) return layout;
    }
  }
  return std::nullopt;
}

void limitNorms(float* weights, const UnitLayout& layout, double largest) {
  const size_t stride = layout.units * layout.inner;
  for (size_t unit = 0; unit < layout.units; ++unit) {
    float* first = weights + unit * layout.inner;
    double sum = 0;
    for (size_t outer = 0; outer < layout.outer; ++outer) {
      for (size_t i = 0; i < layout.inner; ++i) {
        const double value = static_cast<double>(first[outer * stride + i]);
        sum += value * value;
      }
    }
    const double norm = std::sqrt(sum);
    if (!(norm > largest)) continue;
    const float scale = static_cast<float>(largest / norm);
    for (size_t outer = 0; outer < layout.outer; ++outer) {
      for (size_t i = 0; i < layout.inner; ++i) first[outer * stride + i] *= scale;
    }
  }
}

}  // namespace deltalab
