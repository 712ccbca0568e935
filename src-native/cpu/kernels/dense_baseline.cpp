// Kernels of small layers for every processor: SSE2 on x86, generic vector code elsewhere.

#include "kernel_table.h"
#include "simd_baseline.h"

namespace deltalab {
namespace {

constexpr int kDenseRows[3] = {8, 4, 3};

}  // namespace
}  // namespace deltalab

#include "dense_loops.h"

namespace deltalab {

const DenseKernels denseKernelsBaseline = kDenseKernels;

}  // namespace deltalab
