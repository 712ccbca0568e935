// Elementwise functions for every processor: no C++ standard headers here (see kernel_table.h).

#include "functions.h"
#include "kernel_table.h"
#include "simd_baseline.h"
#include "vector_math.h"

#include "each_vector.h"
#include "function_loops.h"

namespace deltalab {

const FunctionKernels functionsBaseline = kFunctionKernels;

}  // namespace deltalab
