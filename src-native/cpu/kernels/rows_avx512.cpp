// Row kernels for AVX-512. Compiled with those options: no C++ standard headers here (see kernel_table.h).

#if defined(__x86_64__) || defined(_M_X64)

#include "kernel_table.h"
#include "simd_avx512.h"
#include "vector_math.h"

#include "row_loops.h"

namespace deltalab {

const RowKernels rowKernelsAvx512 = kRowKernels;

}  // namespace deltalab

#endif
