// Kernels for every processor: SSE2 on x86, generic vector code elsewhere.

#include "kernel_table.h"
#include "simd_baseline.h"
#include "vector_math.h"

#include "elementwise_kernels.h"

namespace deltalab {
namespace {

constexpr int kTileRows[4] = {6, 6, 2, 2};
constexpr int kPanelVectors = 4;
constexpr int kConvRows[2] = {8, 4};

}  // namespace
}  // namespace deltalab

#include "gemm_tile.h"
#include "conv_tile.h"
#include "conv_window.h"

namespace deltalab {

const KernelTable kernelsBaseline = {
    static_cast<int>(kWidth), static_cast<int>(kPanelColumns), kTileRows[kPanelVectors - 1],
    gemmBlockKernel,          packRowsKernel,                  packColumnsKernel,
    transposeKernel,          activationForwardKernel,         activationBackwardKernel,
    exponentialKernel,        addScaledKernel,                 sumOfSquaresKernel,
    kConvKernels};

}  // namespace deltalab
