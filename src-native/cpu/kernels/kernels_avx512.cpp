// Kernels for AVX-512 (F, DQ, VL, BW). Compiled with those options: no C++ standard headers here (see kernel_table.h).

#if defined(__x86_64__) || defined(_M_X64)

#include "kernel_table.h"
#include "simd_avx512.h"
#include "vector_math.h"

#include "elementwise_kernels.h"

namespace deltalab {
namespace {

constexpr int kTileRows[4] = {14, 14, 9, 6};
constexpr int kPanelVectors = 2;
constexpr int kConvRows[2] = {28, 14};

}  // namespace
}  // namespace deltalab

#include "gemm_tile.h"
#include "conv_tile.h"
#include "conv_plane_tile.h"
#include "conv_window.h"

namespace deltalab {

const KernelTable kernelsAvx512 = {
    static_cast<int>(kWidth), static_cast<int>(kPanelColumns), kTileRows[kPanelVectors - 1],
    gemmBlockKernel,          packRowsKernel,                  packColumnsKernel,
    transposeKernel,          activationForwardKernel,         activationBackwardKernel,
    exponentialKernel,        addScaledKernel,                 sumOfSquaresKernel,
    kConvKernels};

}  // namespace deltalab

#endif
