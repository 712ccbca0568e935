#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "core/graph.h"
#include "core/operator.h"
#include "eager/eager_operator.h"

namespace deltalab::testing {

template <class T>
std::vector<T> valuesOf(const Initializer& initializer) {
  std::vector<T> values(initializer.values.begin(), initializer.values.end());
  for (int64_t value : initializer.integers) values.push_back(static_cast<T>(value));
  return values;
}

inline const Initializer* initializerNamed(const Graph& graph, const std::string& name) {
  for (const Initializer& initializer : graph.initializers) {
    if (initializer.name == name) return &initializer;
  }
  return nullptr;
}

/** A sample of the table as one operator by itself. */
inline EagerRequest eagerRequestOf(const Graph& graph, const OperatorDefinition& definition) {
  const GraphNode& node = graph.nodes[0];
  EagerRequest request{node.opType, node.attributes, {}, node.outputs.size()};
  for (size_t i = 0; i < node.inputs.size(); ++i) {
    EagerInput input;
    const Initializer* given = initializerNamed(graph, node.inputs[i]);
    input.omitted = !given;
    if (given) {
      input.shape = given->dims;
      const auto& running = definition.running;
      input.needsGradient = given->trainable() && std::find(running.begin(), running.end(), i) == running.end();
      if (definition.takesConstant(i)) input.constant = *given;
    }
    request.inputs.push_back(std::move(input));
  }
  return request;
}

/** 1/2, -3/4, 9/8, … */
template <class U>
std::vector<U> seedGradient(size_t count) {
  std::vector<U> gradient(count);
  U value = U(0.5);
  for (U& item : gradient) {
    item = value;
    value = value > 5 || value < -5 ? U(0.5) : value * U(-1.5);
  }
  return gradient;
}

}  // namespace deltalab::testing
