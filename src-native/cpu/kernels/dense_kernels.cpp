#include "dense_kernels.h"

#include "../../core/cpu_features.h"

namespace deltalab {

const DenseKernels& denseKernels() {
#if defined(__x86_64__) || defined(_M_X64)
  switch (instructionSet()) {
    case InstructionSet::Avx512: return denseKernelsAvx512;
    case InstructionSet::Avx2: return denseKernelsAvx2;
    case InstructionSet::Baseline: break;
  }
#endif
  return denseKernelsBaseline;
}

}  // namespace deltalab
