// Row kernels for AVX2 with FMA. Compiled with those options: no C++ standard headers here (see kernel_table.h).

#if defined(__x86_64__) || defined(_M_X64)

#include "kernel_table.h"
#include "simd_avx2.h"
#include "vector_math.h"

#include "row_loops.h"

namespace deltalab {

const RowKernels rowKernelsAvx2 = kRowKernels;

}  // namespace deltalab

#endif
