#pragma once

#include <vector>

#include "../cpu/kernels/elementwise.h"
#include "planner.h"

namespace deltalab {

/** y = f(W · x + b) for every row: a Gemm with its activation. */
struct DenseLayer {
  size_t inputs = 0;
  size_t outputs = 0;
  Activation activation = Activation::None;
  float alpha = 0;
  /** In Parameters::all(); no bias: -1. W lies as [outputs][inputs]. */
  int weight = -1;
  int bias = -1;
  bool weightMoves = false;
  bool biasMoves = false;
};

/**
 * The layers of a plan for so many rows that is nothing but fully connected layers, one after another, in their order; empty where it has
 * anything else, or a weight that is read twice.
 */
std::vector<DenseLayer> denseLayers(const Plan& plan, size_t rows);

}  // namespace deltalab
