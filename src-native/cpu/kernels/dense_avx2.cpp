// Kernels of small layers for AVX2. Compiled with those options: no C++ standard headers here (see kernel_table.h).

#if defined(__x86_64__) || defined(_M_X64)

#include "kernel_table.h"
#include "simd_avx2.h"

namespace deltalab {
namespace {

constexpr int kDenseRows[3] = {12, 6, 4};

}  // namespace
}  // namespace deltalab

#include "dense_loops.h"

namespace deltalab {

const DenseKernels denseKernelsAvx2 = kDenseKernels;

}  // namespace deltalab

#endif
