#pragma once

#include <cstddef>
#include <cstdint>

/**
 * What is called of cuBLASLt, declared anew, since its headers need not be there: "Using the cuBLASLt API" in NVIDIA's documentation of cuBLAS, whose
 * names are given. The numbers are those of its enumerations, which releases 11 to 13 share.
 */
namespace deltalab::cuda::blaslt {

using Status = int;           // cublasStatus_t: 0 is success
using Handle = void*;         // cublasLtHandle_t
using Operation = void*;      // cublasLtMatmulDesc_t
using Layout = void*;         // cublasLtMatrixLayout_t
using Preference = void*;     // cublasLtMatmulPreference_t
using StreamHandle = void*;   // cudaStream_t

constexpr Status kNoMemory = 3;  // CUBLAS_STATUS_ALLOC_FAILED
// cudaDataType_t
constexpr int kFloat = 0;  // CUDA_R_32F
// cublasComputeType_t
constexpr int kCompute32F = 68;          // CUBLAS_COMPUTE_32F
constexpr int kCompute32FFast16BF = 75;  // CUBLAS_COMPUTE_32F_FAST_16BF
constexpr int kCompute32FFastTf32 = 77;  // CUBLAS_COMPUTE_32F_FAST_TF32
// cublasOperation_t
constexpr int32_t kAsItLies = 0, kTransposed = 1;  // CUBLAS_OP_N, CUBLAS_OP_T
// cublasLtMatmulDescAttributes_t
constexpr int kTransA = 3, kTransB = 4;  // CUBLASLT_MATMUL_DESC_TRANSA, _TRANSB: int32_t
// cublasLtMatrixLayoutAttribute_t
constexpr int kBatchCount = 5;   // CUBLASLT_MATRIX_LAYOUT_BATCH_COUNT: int32_t
constexpr int kBatchOffset = 6;  // CUBLASLT_MATRIX_LAYOUT_STRIDED_BATCH_OFFSET: int64_t, in elements
// cublasLtMatmulPreferenceAttributes_t
constexpr int kMostWorkspace = 1;   // CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES: uint64_t
constexpr int kReductionMask = 3;   // CUBLASLT_MATMUL_PREF_REDUCTION_SCHEME_MASK: uint32_t
constexpr int kLeastAlignment = 5;  // CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_A_BYTES, of B, C and D after it: uint32_t
// cublasLtReductionScheme_t
constexpr uint32_t kNoReduction = 0;  // CUBLASLT_REDUCTION_SCHEME_NONE: sums are not cut

/** cublasLtMatmulAlgo_t. */
struct Algorithm {
  uint64_t data[8];
};

/** cublasLtMatmulHeuristicResult_t. */
struct Answer {
  Algorithm algorithm;
  size_t workspace;
  Status state;
  float waves;
  int reserved[4];
};

/** The functions, by what follows "cublasLt" in their names. */
struct Functions {
  Status (*Create)(Handle*);
  Status (*Destroy)(Handle);
  Status (*MatmulDescCreate)(Operation*, int compute, int scale);
  Status (*MatmulDescDestroy)(Operation);
  Status (*MatmulDescSetAttribute)(Operation, int attribute, const void* value, size_t bytes);
  Status (*MatrixLayoutCreate)(Layout*, int type, uint64_t rows, uint64_t columns, int64_t leading);
  Status (*MatrixLayoutDestroy)(Layout);
  Status (*MatrixLayoutSetAttribute)(Layout, int attribute, const void* value, size_t bytes);
  Status (*MatmulPreferenceCreate)(Preference*);
  Status (*MatmulPreferenceDestroy)(Preference);
  Status (*MatmulPreferenceSetAttribute)(Preference, int attribute, const void* value, size_t bytes);
  Status (*MatmulAlgoGetHeuristic)(Handle, Operation, Layout a, Layout b, Layout c, Layout d, Preference, int wanted, Answer*, int* found);
  Status (*MatmulAlgoCheck)(Handle, Operation, Layout a, Layout b, Layout c, Layout d, const Algorithm*, Answer*);
  Status (*Matmul)(Handle, Operation, const void* alpha, const void* a, Layout, const void* b, Layout, const void* beta, const void* c, Layout, void* d,
                   Layout, const Algorithm*, void* workspace, size_t bytes, StreamHandle);
};

}  // namespace deltalab::cuda::blaslt
