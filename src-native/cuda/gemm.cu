#include "gemm.h"

#include "fused_activation.h"
#include "gemm_tile.h"

namespace deltalab::cuda {

namespace {

/** A matrix of one lane, or its transpose, as an operand of the tile loop. */
struct MatrixSide {
  const float* data;
  size_t along, deep;

  __device__ bool deepFirst() const { return deep == 1; }
  __device__ size_t line(int index) const { return static_cast<size_t>(index) * along; }
  __device__ size_t depth(int k) const { return static_cast<size_t>(k) * deep; }
  __device__ float at(size_t line, size_t depth) const { return data[line + depth]; }
};

/** The product of every lane. */
struct LaneProducts {
  Product p;
  int lanes;

  __host__ __device__ int rows() const { return p.m; }
  __host__ __device__ int columns() const { return p.n; }
  __host__ __device__ int items() const { return lanes; }
  __device__ Range depths(int) const { return {0, p.k}; }
  __device__ MatrixSide left(int lane) const { return {p.a.data + static_cast<size_t>(lane) * p.a.lane, p.a.row, p.a.column}; }
  __device__ MatrixSide right(int lane) const { return {p.b.data + static_cast<size_t>(lane) * p.b.lane, p.b.column, p.b.row}; }
  __device__ size_t place(int, int column) const { return static_cast<size_t>(column); }
  __device__ void store(int lane, int row, size_t c, float sum) const {
    const size_t l = static_cast<size_t>(lane);
    float* to = p.c + l * p.cLane + static_cast<size_t>(row) * p.cRow + c;
    float value = p.alpha * sum;
    if (p.accumulate) value += *to;
    if (p.bias) value += p.bias[l * p.biasLane + c];
    *to = activated({p.activation, p.activationAlpha}, value);
  }
};

}  // namespace

void multiply(Stream& stream, int lanes, const Product& product) { multiplyInTiles(stream, LaneProducts{product, lanes}); }

}  // namespace deltalab::cuda
