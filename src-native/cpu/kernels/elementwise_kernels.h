#pragma once

// Elementwise kernels, written once for every instruction set. Include one simd_*.h and vector_math.h before this file.

namespace deltalab {
namespace {

/** Runs body(i, load, store) over whole vectors, then over the rest in masked form with the same arithmetic. */
template <class Body>
SIMD_FUNCTION void forEachVector(Index n, Body body) {
  Index i = 0;
  for (; i + kWidth <= n; i += kWidth) {
    body([i](const float* from) SIMD_LAMBDA { return load(from + i); },
         [i](float* to, Vec v) SIMD_LAMBDA { store(to + i, v); });
  }
  if (i < n) {
    const Lanes lanes = firstLanes(n - i);
    body([i, lanes](const float* from) SIMD_LAMBDA { return loadLanes(from + i, lanes); },
         [i, lanes](float* to, Vec v) SIMD_LAMBDA { storeLanes(to + i, lanes, v); });
  }
}

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

}  // namespace
}  // namespace deltalab
