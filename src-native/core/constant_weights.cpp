#include "constant_weights.h"

#include <algorithm>
#include <unordered_map>

namespace deltalab {

namespace {

/** How often each value is read, by nodes and as an output of the graph. */
std::unordered_map<std::string, int> readersOf(const Graph& graph) {
  std::unordered_map<std::string, int> readers;
  for (const GraphNode& node : graph.nodes) {
    for (const std::string& input : node.inputs) ++readers[input];
  }
  for (const GraphValue& output : graph.outputs) ++readers[output.name];
  return readers;
}

/** transB of a Gemm, or null. */
Attribute* transposition(GraphNode& node) {
  if (node.opType != "Gemm" || node.inputs.size() < 2) return nullptr;
  for (Attribute& attribute : node.attributes) {
    if (attribute.name == "transB" && attribute.kind == Attribute::Kind::Number && attribute.number != 0) return &attribute;
  }
  return nullptr;
}

void transpose(Initializer& matrix) {
  const size_t rows = static_cast<size_t>(matrix.dims[0]), columns = static_cast<size_t>(matrix.dims[1]);
  std::vector<float> turned(matrix.values.size());
  // By square blocks: either side would otherwise jump to another cache line with every value.
  constexpr size_t kBlock = 32;
  for (size_t top = 0; top < rows; top += kBlock) {
    for (size_t left = 0; left < columns; left += kBlock) {
      for (size_t i = top; i < std::min(rows, top + kBlock); ++i) {
        for (size_t j = left; j < std::min(columns, left + kBlock); ++j) turned[j * rows + i] = matrix.values[i * columns + j];
      }
    }
  }
  matrix.values = std::move(turned);
  std::swap(matrix.dims[0], matrix.dims[1]);
}

/** A damaged graph is left as it is: planning says what is wrong with it. */
bool isMatrix(const Initializer& initializer) {
  if (initializer.integer || initializer.dims.size() != 2) return false;
  const bool positive = initializer.dims[0] > 0 && initializer.dims[1] > 0;
  return positive && initializer.values.size() == elementCount(initializer.dims);
}

}  // namespace

Graph withReadableWeights(Graph graph) {
  const std::unordered_map<std::string, int> readers = readersOf(graph);
  for (GraphNode& node : graph.nodes) {
    Attribute* const transB = transposition(node);
    if (!transB || readers.at(node.inputs[1]) != 1) continue;
    const auto weights = std::find_if(graph.initializers.begin(), graph.initializers.end(),
                                      [&](const Initializer& initializer) { return initializer.name == node.inputs[1]; });
    if (weights == graph.initializers.end() || !isMatrix(*weights)) continue;
    transpose(*weights);
    transB->number = 0;
  }
  return graph;
}

}  // namespace deltalab
