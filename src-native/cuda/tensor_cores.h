#pragma once

#include <cstdint>
#include <cstring>

#include "core/precision.h"
#include "device.h"

// What tensor cores do, for cards from compute capability 8.0 on (mma.sync), and the same where they are emulated.

namespace deltalab::cuda {

/** A factor as tensor cores take it. */
template <Precision precision>
struct Factors;

template <>
struct Factors<Precision::Tf32> {
  /** The bits of a float. */
  using Stored = uint32_t;
  /** To 10 bits of mantissa, halves away from zero. */
  static __device__ Stored rounded(float value) {
    uint32_t bits;
#if defined(__CUDACC__)
    asm("cvt.rna.tf32.f32 %0, %1;" : "=r"(bits) : "f"(value));
#else
    std::memcpy(&bits, &value, sizeof bits);
    if (std::isfinite(value)) bits = (bits + 0x1000U) & ~0x1FFFU;
#endif
    return bits;
  }
};

template <>
struct Factors<Precision::Bf16> {
  /** The upper half of the bits of a float. */
  using Stored = uint16_t;
  /** To 7 bits of mantissa, halves to even. */
  static __device__ Stored rounded(float value) {
#if defined(__CUDACC__)
    uint16_t half;
    asm("cvt.rn.bf16.f32 %0, %1;" : "=h"(half) : "f"(value));
    return half;
#else
    uint32_t bits;
    std::memcpy(&bits, &value, sizeof bits);
    if (std::isnan(value)) return static_cast<Stored>(bits >> 16 | 0x40U);
    return static_cast<Stored>((bits + 0x7FFFU + (bits >> 16 & 1U)) >> 16);
#endif
  }
};

/** Four neighbours in k, of one line: what a thread of a warp gives of it. */
template <Precision precision>
struct alignas(4 * sizeof(typename Factors<precision>::Stored)) Four {
  typename Factors<precision>::Stored of[4];
};

/** Rows of A, columns of B and values of k that a warp multiplies at a time. */
constexpr int kWarpRows = 16, kWarpColumns = 8, kWarpDepth = 16;

/**
 * C [16, 8] += A [16, 16] · B [16, 8] by a warp. Thread 4 · g + t of it gives the values 4t ... 4t + 3 of k of the rows g (top) and g + 8 (bottom)
 * of A and of the column g of B (right), and keeps the elements 2t and 2t + 1 of the rows g and g + 8 of C, in this order. Which values of k
 * an instruction takes together does not matter as long as both sides agree: PTX ISA, "Matrix Fragments for mma.m16n8k8" (and m16n8k16),
 * counts neighbours otherwise than here, where a thread reads those that lie side by side.
 */
template <Precision precision>
__device__ void multiplyByWarp(float (&c)[4], const Four<precision>& top, const Four<precision>& bottom, const Four<precision>& right);

#if defined(__CUDACC__)

template <>
__device__ __forceinline__ void multiplyByWarp<Precision::Tf32>(float (&c)[4], const Four<Precision::Tf32>& top, const Four<Precision::Tf32>& bottom,
                                                                const Four<Precision::Tf32>& right) {
  _Pragma("unroll")
  for (int i = 0; i < 4; i += 2) {
    asm volatile("mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};"
                 : "+f"(c[0]), "+f"(c[1]), "+f"(c[2]), "+f"(c[3])
                 : "r"(top.of[i]), "r"(bottom.of[i]), "r"(top.of[i + 1]), "r"(bottom.of[i + 1]), "r"(right.of[i]),
                   "r"(right.of[i + 1]));
  }
}

template <>
__device__ __forceinline__ void multiplyByWarp<Precision::Bf16>(float (&c)[4], const Four<Precision::Bf16>& top, const Four<Precision::Bf16>& bottom,
                                                                const Four<Precision::Bf16>& right) {
  // A register holds two neighbours.
  uint32_t a[2][2], b[2];
  memcpy(a[0], top.of, sizeof top.of);
  memcpy(a[1], bottom.of, sizeof bottom.of);
  memcpy(b, right.of, sizeof right.of);
  asm volatile("mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};"
               : "+f"(c[0]), "+f"(c[1]), "+f"(c[2]), "+f"(c[3])
               : "r"(a[0][0]), "r"(a[1][0]), "r"(a[0][1]), "r"(a[1][1]), "r"(b[0]), "r"(b[1]));
}

#else

/** Value `at` of four. */
template <Precision precision>
float valueOf(const Four<precision>& four, int at) {
  const uint32_t bits = static_cast<uint32_t>(four.of[at]) << (32 - 8 * sizeof four.of[0]);
  float value;
  std::memcpy(&value, &bits, sizeof value);
  return value;
}

/** By single precision, k after k. */
template <Precision precision>
void multiplyByWarp(float (&c)[4], const Four<precision>& top, const Four<precision>& bottom, const Four<precision>& right) {
  struct Given {
    Four<precision> top, bottom, right;
  };
  constexpr int kMostWarps = 32;
  static Given all[kMostWarps][warpSize];
  const unsigned lane = emulation::laneOfWarp();
  Given(&warp)[warpSize] = all[threadIdx.x / warpSize];
  warp[lane] = {top, bottom, right};
  // Nobody reads before all have given, nor gives anew before all have read.
  emulation::exchange(0, lane);
  for (unsigned i = 0; i < 4; ++i) {
    const unsigned row = lane / 4, column = lane % 4 * 2 + i % 2;
    for (unsigned k = 0; k < kWarpDepth; ++k) {
      const Given& ofRow = warp[row * 4 + k / 4];
      const float a = valueOf(i < 2 ? ofRow.top : ofRow.bottom, static_cast<int>(k % 4));
      c[i] = fmaf(a, valueOf(warp[column * 4 + k / 4].right, static_cast<int>(k % 4)), c[i]);
    }
  }
  emulation::exchange(0, lane);
}

#endif

}  // namespace deltalab::cuda
