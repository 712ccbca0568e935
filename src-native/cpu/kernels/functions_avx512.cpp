// Elementwise functions for AVX-512: no C++ standard headers here (see kernel_table.h).

#if defined(__x86_64__) || defined(_M_X64)

#include "functions.h"
#include "kernel_table.h"
#include "simd_avx512.h"
#include "vector_math.h"

#include "each_vector.h"
#include "function_loops.h"

namespace deltalab {

const FunctionKernels functionsAvx512 = kFunctionKernels;

}  // namespace deltalab

#endif
