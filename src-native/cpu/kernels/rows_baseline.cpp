// Row kernels for every processor: SSE2 on x86, generic vector code elsewhere.

#include "kernel_table.h"
#include "simd_baseline.h"
#include "vector_math.h"

#include "row_loops.h"

namespace deltalab {

const RowKernels rowKernelsBaseline = kRowKernels;

}  // namespace deltalab
