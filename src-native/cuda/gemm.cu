#include "gemm.h"

#include "blas.h"
#include "fused_activation.h"
#include "gemm_tile_mma.h"
#include "lane_lines.h"
#include "sum_pieces.h"

namespace deltalab::cuda {

namespace {

/** A matrix, or its transpose, as an operand of the tile loop; `fours`: see liesInFours. */
template <bool fours>
struct MatrixSide {
  const float* data;
  LaneLines lines;
  size_t deep;

  __device__ bool deepFirst() const { return deep == 1; }
  __device__ size_t line(int index) const { return lines.at(index); }
  __device__ size_t depth(int k) const { return static_cast<size_t>(k) * deep; }
  __device__ float at(size_t line, size_t depth) const { return data[line + depth]; }
  __device__ Together<4> four(size_t line, size_t depth) const { return *reinterpret_cast<const Together<4>*>(data + line + depth); }
};

/** Whether a side of so many lines, `step` elements apart, and values of k, `deep` apart, can be read in fours, that of any lane. */
bool liesInFours(const float* data, size_t step, size_t deep, size_t lane, int lines, int k) {
  const bool aligned = reinterpret_cast<uintptr_t>(data) % sizeof(Together<4>) == 0 && lane % 4 == 0;
  return aligned && (deep == 1 ? step % 4 == 0 && k % 4 == 0 : step == 1 && deep % 4 == 0 && lines % 4 == 0);
}

}  // namespace

template <>
constexpr bool kReadsFours<MatrixSide<true>> = true;

namespace {

/** What becomes of the sums of a product. */
struct Finished {
  Product p;

  __device__ void operator()(size_t lane, size_t row, size_t column, float sum) const {
    float* to = p.c + lane * p.cLane + row * p.cRow + column;
    float value = p.alpha * sum;
    if (p.accumulate) value += *to;
    if (p.bias) value += p.bias[lane * p.biasLane + column];
    *to = activated({p.activation, p.activationAlpha}, value);
  }
  /** Of pieces that are joined. */
  __device__ void operator()(int lane, size_t, size_t element, float sum) const {
    const size_t columns = static_cast<size_t>(p.n), row = quotient(element, columns);
    (*this)(static_cast<size_t>(lane), row, element - row * columns, sum);
  }
};

/**
 * The product of every lane, in pieces. Where lanes share A they are one: B and C of all lanes lie side by side (`across`), so that the columns of
 * several lanes fill a tile, and A is read once for them. Where they share B, A and C lie below each other (`down`).
 */
template <bool fours>
struct LaneProducts {
  Product p;
  int lanes;
  SumPieces pieces;
  int down = 1, across = 1;

  __host__ __device__ int rows() const { return p.m * down; }
  __host__ __device__ int columns() const { return p.n * across; }
  __host__ __device__ int items() const { return lanes / (down * across) * pieces.count; }
  __device__ Range depths(int item) const { return pieces.range(item % pieces.count); }
  __device__ MatrixSide<fours> left(int item) const {
    return {p.a.data + laneOf(item) * p.a.lane, LaneLines(p.a.row, p.m, p.a.lane, down), p.a.column};
  }
  __device__ MatrixSide<fours> right(int item) const {
    return {p.b.data + laneOf(item) * p.b.lane, LaneLines(p.b.column, p.n, p.b.lane, across), p.b.row};
  }
  struct Place {
    size_t lane;
    int column;
  };
  __device__ Place place(int item, int column) const {
    if (across == 1) return {laneOf(item), column};
    return {static_cast<size_t>(column / p.n), column % p.n};
  }
  __device__ void store(int item, int row, const Place& place, float sum) const {
    const int before = down == 1 ? 0 : row / p.m;
    const size_t lane = place.lane + static_cast<size_t>(before), r = static_cast<size_t>(row - before * p.m), c = static_cast<size_t>(place.column);
    if (pieces.count == 1) return Finished{p}(lane, r, c, sum);
    const size_t part = lane * static_cast<size_t>(pieces.count) + static_cast<size_t>(item % pieces.count);
    p.parts[(part * static_cast<size_t>(p.m) + r) * static_cast<size_t>(p.n) + c] = sum;
  }

 private:
  __device__ size_t laneOf(int item) const { return static_cast<size_t>(item / pieces.count); }
};

/** What cuBLASLt leaves to do: C = activation(C + bias). */
struct BiasAndActivation {
  Product p;

  __device__ void operator()(int lane, size_t i) const {
    const size_t l = static_cast<size_t>(lane), columns = static_cast<size_t>(p.n), row = quotient(i, columns), column = i - row * columns;
    float* to = p.c + l * p.cLane + row * p.cRow + column;
    *to = activated({p.activation, p.activationAlpha}, p.bias ? *to + p.bias[l * p.biasLane + column] : *to);
  }
};

template <bool fours>
LaneProducts<fours> laneProducts(int lanes, const Product& product, const SumPieces& pieces) {
  LaneProducts<fours> work{product, lanes, pieces};
  work.across = lanesTogether(lanes, product.n, product.a.lane);
  if (work.across == 1) work.down = lanesTogether(lanes, product.m, product.b.lane);
  return work;
}

size_t elementsOf(int m, int n) { return static_cast<size_t>(m) * static_cast<size_t>(n); }

}  // namespace

void prepareProduct(Stream& stream, int m, int n, int k) {
  if (isForBlas(m, n, k)) stream.blas();
}

size_t productMemory(int m, int n, int k) { return SumPieces(m, n, 1, k).memory(elementsOf(m, n)); }

void multiply(Stream& stream, Precision precision, int lanes, const Product& product) {
  if (product.m == 0 || product.n == 0 || lanes == 0) return;
  const SumPieces pieces = product.parts ? SumPieces(product.m, product.n, 1, product.k) : SumPieces::whole(product.k);
  if (pieces.count == 1 && isForBlas(product.m, product.n, product.k)) {
    Blas* blas = stream.blas();
    if (blas && blas->multiply(precision, lanes, product)) {
      const bool finished = !product.bias && product.activation == Activation::None;
      if (!finished) forEachElement(stream, lanes, elementsOf(product.m, product.n), BiasAndActivation{product});
      return;
    }
  }
  const Matrix &a = product.a, &b = product.b;
  const bool fours =
    liesInFours(a.data, a.row, a.column, a.lane, product.m, product.k) && liesInFours(b.data, b.column, b.row, b.lane, product.n, product.k);
  // Where factors are rounded on their way, there is more to do than to read.
  if (fours && precision == Precision::Float32) multiplyInFloat32(stream, laneProducts<true>(lanes, product, pieces));
  else multiplyInTiles(stream, precision, laneProducts<false>(lanes, product, pieces));
  if (pieces.count > 1) joinPieces(stream, lanes, pieces, 1, elementsOf(product.m, product.n), product.parts, Finished{product});
}

}  // namespace deltalab::cuda
