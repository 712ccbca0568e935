#include "row_kernels.h"

#include "../../core/cpu_features.h"

namespace deltalab {

const RowKernels& rowKernels() {
#if defined(__x86_64__) || defined(_M_X64)
  switch (instructionSet()) {
    case InstructionSet::Avx512: return rowKernelsAvx512;
    case InstructionSet::Avx2: return rowKernelsAvx2;
    case InstructionSet::Baseline: break;
  }
#endif
  return rowKernelsBaseline;
}

}  // namespace deltalab
