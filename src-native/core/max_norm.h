#pragma once

#include <optional>
#include <string>

#include "graph.h"

namespace deltalab {

/** A weight tensor seen as [outer][units][inner]: what flows into unit u is every value with that middle index. */
struct UnitLayout {
  size_t outer = 1;
  size_t units = 1;
  size_t inner = 1;
};

/**
 * How the weights of an initializer belong to output units: the rows of a Gemm with transB, the columns of other products, the filters of a
 * convolution, the vectors of an embedding, the rows of each gate of a recurrent layer. Nothing for biases, scales and others.
 */
std::optional<UnitLayout> unitsOf(const Graph& graph, const std::string& initializer, const Shape& dims);

/** Scales the weights into each unit whose L2 norm exceeds `largest` down to it (Srivastava et al., 2014). Sums in double. */
void limitNorms(float* weights, const UnitLayout& layout, double largest);

}  // namespace deltalab
