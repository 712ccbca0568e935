#pragma once

#include <cmath>

#include "cpu/gemm.h"

namespace deltalab::testing {

/** The activations by their textbook formulas in double, which share nothing with the engine's: what its kernels are compared with. */
inline double referenceValue(Activation activation, double x, double alpha) {
  switch (activation) {
    case Activation::Relu: return x > 0 ? x : 0;
    case Activation::LeakyRelu: return x > 0 ? x : alpha * x;
    case Activation::Elu: return x > 0 ? x : alpha * std::expm1(x);
    case Activation::Sigmoid: return 1 / (1 + std::exp(-x));
    case Activation::Tanh: return std::tanh(x);
    case Activation::Softplus: return x > 0 ? x + std::log1p(std::exp(-x)) : std::log1p(std::exp(x));
    case Activation::None: break;
  }
  return x;
}

inline double referenceSlope(Activation activation, double x, double alpha) {
  switch (activation) {
    case Activation::Relu: return x > 0 ? 1 : 0;
    case Activation::LeakyRelu: return x > 0 ? 1 : alpha;
    case Activation::Elu: return x > 0 ? 1 : alpha * std::exp(x);
    case Activation::Sigmoid: return std::exp(-x) / ((1 + std::exp(-x)) * (1 + std::exp(-x)));
    case Activation::Tanh: return 1 - std::tanh(x) * std::tanh(x);
    case Activation::Softplus: return 1 / (1 + std::exp(-x));
    case Activation::None: break;
  }
  return 1;
}

}  // namespace deltalab::testing
