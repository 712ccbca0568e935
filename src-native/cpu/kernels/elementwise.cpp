#include "elementwise.h"

#include "../../core/cpu_features.h"
#include "kernel_table.h"

namespace deltalab {

static_assert(static_cast<int>(Activation::Relu) == kActivationRelu &&
                  static_cast<int>(Activation::Tanh) == kActivationTanh &&
                  static_cast<int>(Activation::Softplus) == kActivationSoftplus,
              "Activation and KernelActivation list the same functions in the same order");

const KernelTable& kernelTable() {
#if defined(__x86_64__) || defined(_M_X64)
  switch (instructionSet()) {
    case InstructionSet::Avx512:
      return kernelsAvx512;
    case InstructionSet::Avx2:
      return kernelsAvx2;
    case InstructionSet::Baseline:
      break;
  }
#endif
  return kernelsBaseline;
}

void activationForward(Activation activation, const float* x, float* y, size_t n, float alpha) {
  kernelTable().activationForward(static_cast<int>(activation), x, y, static_cast<Index>(n), alpha);
}

void activationBackward(Activation activation, const float* y, const float* dy, float* dx, size_t n, float alpha) {
  kernelTable().activationBackward(static_cast<int>(activation), y, dy, dx, static_cast<Index>(n), alpha);
}

void expForward(const float* x, float* y, size_t n) { kernelTable().exponential(x, y, static_cast<Index>(n)); }

void addScaled(float* y, const float* x, size_t n, float scale) {
  kernelTable().addScaled(y, x, static_cast<Index>(n), scale);
}

void addColumns(const float* x, size_t rows, size_t stride, size_t columns, float* sums) {
  kernelTable().conv.addRows(x, static_cast<Index>(rows), static_cast<Index>(stride), static_cast<Index>(columns), sums);
}

double sumOfSquares(const float* x, size_t n) { return kernelTable().sumOfSquares(x, static_cast<Index>(n)); }

}  // namespace deltalab
