#pragma once

#include "cuda/blas_api.h"

/** What was asked of the fake cuBLASLt (fakeCalls), and what it should say. */
struct FakeCalls {
  int products = 0;
  /** Of all products together. */
  int lanes = 0;
  /** The largest batch for which an algorithm was asked. */
  int mostAskedFor = 0;
  /** Schemes of reduction that were allowed. */
  uint32_t reductions = 0;
  /** 1: float32, 2: TF32, 4: bfloat16, 8: another. */
  int computes = 0;
  /** What its calls that want memory come to; 0: success. */
  deltalab::cuda::blaslt::Status status = 0;
  /** 1: as they lie, 2: the first transposed, 4: the second, 8: both. */
  int turned = 0;
  /** Bytes of workspace that each matrix of a batch is said to need. */
  size_t workspaceOfOne = 0;
};
