#pragma once

// Elementwise functions that take a parameter or two and are differentiated from their input: one table per instruction set.
// Read by files compiled for AVX2 and AVX-512: plain types only, see kernel_table.h.

#include <stddef.h>

namespace deltalab {

enum class ElementFunction {
  Erf,
  Exp,
  /** x · Φ(x), Φ being the distribution function of the normal distribution. */
  Gelu,
  /** Its approximation by tanh. */
  GeluTanh,
  /** max(0, min(1, p·x + q)). */
  HardSigmoid,
  /** x · max(0, min(1, x/6 + 1/2)). */
  HardSwish,
  /** x · tanh(log(1 + e^x)). */
  Mish,
  /** p·x above 0, q·(e^x - 1) below. */
  Selu,
  /** x / (1 + |x|). */
  Softsign
};

/** Each value's bits depend on its inputs alone. Accurate to about 1e-6 relative to the larger of |x| and |f(x)|. Arrays may be the same. */
struct FunctionKernels {
  /** y[i] = f(x[i]). */
  void (*forward)(ElementFunction function, const float* x, float* y, ptrdiff_t n, float p, float q);
  /** dx[i] = dy[i] · f'(x[i]). */
  void (*backward)(ElementFunction function, const float* x, const float* dy, float* dx, ptrdiff_t n, float p, float q);
};

extern const FunctionKernels functionsBaseline;
#if defined(__x86_64__) || defined(_M_X64)
extern const FunctionKernels functionsAvx2;
extern const FunctionKernels functionsAvx512;
#endif

/** The table of the instruction set in use (core/cpu_features.h). */
const FunctionKernels& functionKernels();

}  // namespace deltalab
