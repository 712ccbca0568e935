#pragma once

#include <cmath>
#include <cstddef>
#include <vector>

#include "activation_step.h"
#include "core/both.h"
#include "core/operator.h"

namespace deltalab {

/** An activation inside a recurrent cell, with its parameters, after clipping its input to [-clip, clip]. */
struct CellFunction {
  enum class Kind {
    /** By the kernels: Relu, LeakyRelu, Elu, Sigmoid, Tanh, Softplus. */
    Kernel,
    /** alpha · x + beta. */
    Affine,
    /** x where x > alpha, else 0. */
    ThresholdedRelu,
    /** alpha · tanh(beta · x). */
    ScaledTanh,
    /** max(0, min(1, alpha · x + beta)). */
    HardSigmoid,
    /** x / (1 + |x|). */
    Softsign,
  };
  Kind kind = Kind::Kernel;
  Activation activation = Activation::Tanh;
  double alpha = 0, beta = 0;
  /** 0: none. */
  double clip = 0;
};

/**
 * The functions of all directions, one after another: `usual` are those of one direction where the node names none. Reads `activations`,
 * `activation_alpha`, `activation_beta` (each function that has the parameter takes the next) and `clip`. Throws 'graph.attribute' naming what is not known.
 */
std::vector<CellFunction> cellFunctions(const NodeContext& context, const std::vector<const char*>& usual, int directions);

/** x between the bounds, where there are some. */
template <class T>
DELTALAB_BOTH T clipped(const CellFunction& f, T x) {
  const T most = static_cast<T>(f.clip);
  return !(f.clip > 0) ? x : x > most ? most : x < -most ? -most : x;
}

/** f(x) of what is clipped already. */
template <class T>
DELTALAB_BOTH T cellValue(const CellFunction& f, T x) {
  const T alpha = static_cast<T>(f.alpha), beta = static_cast<T>(f.beta);
  switch (f.kind) {
    case CellFunction::Kind::Kernel: return activationValue(f.activation, x, alpha);
    case CellFunction::Kind::Affine: return alpha * x + beta;
    case CellFunction::Kind::ThresholdedRelu: return x > alpha || std::isnan(x) ? x : T(0);
    case CellFunction::Kind::ScaledTanh: return alpha * std::tanh(beta * x);
    case CellFunction::Kind::HardSigmoid: {
      const T value = alpha * x + beta, most = value < 1 ? value : T(1);
      return most > 0 ? most : T(0);
    }
    case CellFunction::Kind::Softsign: return x / (1 + std::fabs(x));
  }
  return x;
}

/** f'(x) from y = f(x), where x was not clipped. */
template <class T>
DELTALAB_BOTH T cellSlope(const CellFunction& f, T y) {
  const T alpha = static_cast<T>(f.alpha), beta = static_cast<T>(f.beta);
  switch (f.kind) {
    case CellFunction::Kind::Kernel: return activationSlopeFromOutput(f.activation, y, alpha);
    case CellFunction::Kind::Affine: return alpha;
    case CellFunction::Kind::ThresholdedRelu: return y != 0 ? T(1) : T(0);
    case CellFunction::Kind::ScaledTanh: return beta * (alpha - y * y / alpha);
    case CellFunction::Kind::HardSigmoid: return y > 0 && y < 1 ? alpha : T(0);
    case CellFunction::Kind::Softsign: return (1 - std::fabs(y)) * (1 - std::fabs(y));
  }
  return 1;
}

/** x[i] = f(x[i]). */
template <class T>
void applyCell(const CellFunction& function, T* x, size_t n);

/** dx[i] = dy[i] · f'(x[i]), taken from the output y = f(x); 0 where the input was clipped. dx may be dy or y. */
template <class T>
void applyCellSlope(const CellFunction& function, const T* y, const T* dy, T* dx, size_t n);

extern template void applyCell<float>(const CellFunction&, float*, size_t);
extern template void applyCell<double>(const CellFunction&, double*, size_t);
extern template void applyCellSlope<float>(const CellFunction&, const float*, const float*, float*, size_t);
extern template void applyCellSlope<double>(const CellFunction&, const double*, const double*, double*, size_t);

}  // namespace deltalab
