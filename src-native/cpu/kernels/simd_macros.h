#pragma once

// What the kernels ask of the compiler.

#if defined(_MSC_VER) && !defined(__clang__)
#define SIMD_FUNCTION static __forceinline
#define SIMD_LAMBDA
#define SIMD_NOINLINE static __declspec(noinline)
#define SIMD_UNROLL
#define SIMD_UNROLL_ALL
#define SIMD_OPAQUE(value)
#define SIMD_HELD(vector, registers)
#else
#define SIMD_FUNCTION static inline __attribute__((always_inline))
#define SIMD_LAMBDA __attribute__((always_inline))
#define SIMD_NOINLINE static __attribute__((noinline))
/** Hides where a value came from: GCC would make a second copy of a loop for a stride of 1. */
#define SIMD_OPAQUE(value) __asm__("" : "+r"(value))
/** Keeps a vector in a register where GCC would read it from memory again for each use, which halves the speed of unaligned ones. */
#define SIMD_HELD(vector, registers) __asm__("" : "+" registers(vector))
#if defined(__clang__)
#define SIMD_UNROLL _Pragma("unroll")
#define SIMD_UNROLL_ALL _Pragma("unroll")
#else
#define SIMD_UNROLL _Pragma("GCC unroll 16")
/** For loops of more than 16 rounds: a tile of one vector has up to 28 rows. */
#define SIMD_UNROLL_ALL _Pragma("GCC unroll 32")
#endif
#endif
