#pragma once

// Elementwise kernels, written once for every instruction set. Include one simd_*.h and vector_math.h before this file.

#include "each_vector.h"

namespace deltalab {
namespace {

template <int activation>
void forwardOf(const float* x, float* y, Index n, float alpha) {
  const Vec alphas = all(alpha);
  forEachVector(n, [=](auto get, auto put) SIMD_LAMBDA { put(y, activate<activation>(get(x), alphas)); });
}

template <int activation>
void backwardOf(const float* y, const float* dy, float* dx, Index n, float alpha) {
  const Vec alphas = all(alpha);
  forEachVector(n,
                [=](auto get, auto put) SIMD_LAMBDA { put(dx, differentiate<activation>(get(y), get(dy), alphas)); });
}

void activationForwardKernel(int activation, const float* x, float* y, Index n, float alpha) {
  switch (activation) {
    case kActivationRelu:
      return forwardOf<kActivationRelu>(x, y, n, alpha);
    case kActivationLeakyRelu:
      return forwardOf<kActivationLeakyRelu>(x, y, n, alpha);
    case kActivationElu:
      return forwardOf<kActivationElu>(x, y, n, alpha);
    case kActivationSigmoid:
      return forwardOf<kActivationSigmoid>(x, y, n, alpha);
    case kActivationTanh:
      return forwardOf<kActivationTanh>(x, y, n, alpha);
    case kActivationSoftplus:
      return forwardOf<kActivationSoftplus>(x, y, n, alpha);
    default:
      return forwardOf<kActivationNone>(x, y, n, alpha);
  }
}

void activationBackwardKernel(int activation, const float* y, const float* dy, float* dx, Index n, float alpha) {
  switch (activation) {
    case kActivationRelu:
      return backwardOf<kActivationRelu>(y, dy, dx, n, alpha);
    case kActivationLeakyRelu:
      return backwardOf<kActivationLeakyRelu>(y, dy, dx, n, alpha);
    case kActivationElu:
      return backwardOf<kActivationElu>(y, dy, dx, n, alpha);
    case kActivationSigmoid:
      return backwardOf<kActivationSigmoid>(y, dy, dx, n, alpha);
    case kActivationTanh:
      return backwardOf<kActivationTanh>(y, dy, dx, n, alpha);
    case kActivationSoftplus:
      return backwardOf<kActivationSoftplus>(y, dy, dx, n, alpha);
    default:
      return backwardOf<kActivationNone>(y, dy, dx, n, alpha);
  }
}

void exponentialKernel(const float* x, float* y, Index n) {
  forEachVector(n, [=](auto get, auto put) SIMD_LAMBDA { put(y, exponential(get(x))); });
}

void addScaledKernel(float* y, const float* x, Index n, float scale) {
  const Vec scales = all(scale);
  forEachVector(n, [=](auto get, auto put) SIMD_LAMBDA { put(y, multiplyAdd(scales, get(x), get(y))); });
}

double sumOfSquaresKernel(const float* x, Index n) {
  constexpr Index kChains = 4, kRounds = 16;
  double sum = 0;
  for (Index begin = 0; begin < n; begin += kRounds * kChains * kWidth) {
    const Index end = n - begin < kRounds * kChains * kWidth ? n : begin + kRounds * kChains * kWidth;
    Vec squares[kChains] = {all(0.0f), all(0.0f), all(0.0f), all(0.0f)};
    Index i = begin;
    for (; i + kChains * kWidth <= end; i += kChains * kWidth) {
      SIMD_UNROLL
      for (Index c = 0; c < kChains; ++c) {
        const Vec v = load(x + i + c * kWidth);
        squares[c] = multiplyAdd(v, v, squares[c]);
      }
    }
    for (; i < end; i += kWidth) {
      const Vec v = loadLanes(x + i, firstLanes(end - i < kWidth ? end - i : kWidth));
      squares[0] = multiplyAdd(v, v, squares[0]);
    }
    float parts[kWidth];
    store(parts, add(add(squares[0], squares[1]), add(squares[2], squares[3])));
    for (Index c = 0; c < kWidth; ++c) sum += static_cast<double>(parts[c]);
  }
  return sum;
}

}  // namespace
}  // namespace deltalab
