// Kernels for every processor: SSE2 on x86, generic vector code elsewhere.

#include "kernel_table.h"
#include "simd_baseline.h"
#include "vector_math.h"

#include "elementwise_kernels.h"

namespace deltalab {
namespace {

constexpr int kTileRows[4] = {6, 6, 2, 2};
constexpr int kPanelVectors = 4;
// Without fused instructions a value of the picture that fills a vector costs as much as a product: wide tiles have fewer of them.
constexpr int kConvRows[4] = {8, 4, 3, 2};

}  // namespace
}  // namespace deltalab

#include "gemm_tile.h"
#include "conv_tile.h"
#include "conv_plane_tile.h"
#include "conv_window.h"

namespace deltalab {

const KernelTable kernelsBaseline = {
    static_cast<int>(kWidth), static_cast<int>(kPanelColumns), kTileRows[kPanelVectors - 1],
    gemmBlockKernel,          packRowsKernel,                  packColumnsKernel,
    transposeKernel,          activationForwardKernel,         activationBackwardKernel,
    exponentialKernel,        addScaledKernel,                 sumOfSquaresKernel,
    kConvKernels};

}  // namespace deltalab
