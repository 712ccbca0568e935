#pragma once

#include <cstdint>

namespace deltalab {

/**
 * What the factors of products (dense layers, convolutions, recurrent ones, stacks of matrices) are rounded to before they are multiplied:
 * Tf32 to 10 bits of mantissa, halves away from zero; Bf16 to 7, halves to even. Their sums and everything else are single precision.
 * The processor has Float32 only, and so have depthwise convolutions everywhere: they are no products of matrices.
 */
enum class Precision : uint8_t { Float32, Tf32, Bf16 };

}  // namespace deltalab
