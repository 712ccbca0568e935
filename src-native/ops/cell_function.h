#pragma once

#include <cstddef>
#include <vector>

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
