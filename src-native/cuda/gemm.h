#pragma once

#include <cstddef>

#include "core/precision.h"
#include "cpu/kernels/elementwise.h"
#include "device.h"

namespace deltalab::cuda {

/** A matrix of every lane: elements between rows, columns and lanes. */
struct Matrix {
  const float* data;
  size_t row;
  size_t column;
  size_t lane;

  Matrix transposed() const { return {data, column, row, lane}; }
};

/** C (+)= activation(alpha · A · B + bias) for every lane: A [m, k], B [k, n], C [m, n] whose columns are neighbours. */
struct Product {
  int m, n, k;
  Matrix a, b;
  float* c;
  size_t cRow, cLane;
  float alpha = 1;
  bool accumulate = false;
  /** [n] of every lane, or null. */
  const float* bias = nullptr;
  size_t biasLane = 0;
  Activation activation = Activation::None;
  float activationAlpha = 0;
  /** Memory for pieces of the sums (productMemory), or null: a sum is never cut. */
  float* parts = nullptr;
};

/**
 * Before the steps that multiply so much, whichever side is the sum: opens cuBLASLt (blas.h) if it is to be used, so that no step does.
 */
void prepareProduct(Stream& stream, int m, int n, int k);

/** Values that the pieces need in which a lane's sums of few elements over a long k are computed, so that a whole card adds; often none. */
size_t productMemory(int m, int n, int k);

/** An element is summed up in the order of k, or in pieces that follow from m, n and k; never by the number of lanes. */
void multiply(Stream& stream, Precision precision, int lanes, const Product& product);

}  // namespace deltalab::cuda
