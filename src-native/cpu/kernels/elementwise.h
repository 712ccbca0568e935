#pragma once

#include <cstddef>

#include "../gemm.h"

namespace deltalab {

/**
 * Elementwise kernels of the chosen instruction set. Each value's bits depend on its inputs alone, not on its position
 * or on n. Input and output may be the same array, and otherwise do not overlap. Accurate to about 3 units in the last
 * place. `alpha` is the slope of LeakyRelu and the scale of Elu; the others ignore it.
 */

/** y[i] = f(x[i]). */
void activationForward(Activation activation, const float* x, float* y, size_t n, float alpha = 0);

/**
 * dx[i] = dy[i] · f'(x[i]), taken from the output y = f(x). For LeakyRelu and Elu this needs alpha >= 0 (the sign of y
 * then tells the sign of x). dx may be dy or y.
 */
void activationBackward(Activation activation, const float* y, const float* dy, float* dx, size_t n, float alpha = 0);

/** y[i] = e^x[i]. */
void expForward(const float* x, float* y, size_t n);

/** y[i] += scale · x[i], with one rounding where the instruction set has fused multiply-add. */
void addScaled(float* y, const float* x, size_t n, float scale);

/** sums[j] += Σ_i x[i][j] of a matrix with `stride` values between rows. The order of additions follows from the number of rows. */
void addColumns(const float* x, size_t rows, size_t stride, size_t columns, float* sums);

/** Σ x[i]²: in float over some hundred values, in double over these. */
double sumOfSquares(const float* x, size_t n);

}  // namespace deltalab
