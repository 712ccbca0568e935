#include "functions.h"

#include "../../core/cpu_features.h"

namespace deltalab {

const FunctionKernels& functionKernels() {
#if defined(__x86_64__) || defined(_M_X64)
  switch (instructionSet()) {
    case InstructionSet::Avx512:
      return functionsAvx512;
    case InstructionSet::Avx2:
      return functionsAvx2;
    case InstructionSet::Baseline:
      break;
  }
#endif
  return functionsBaseline;
}

}  // namespace deltalab
