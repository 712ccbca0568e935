#include "gemm.h"

#include "ops/activation_step.h"

namespace deltalab::cuda {

namespace {

/** Values of K that a block keeps at a time. */
constexpr int kDepth = 16;

/** A tile of rows x columns by threads that keep own x own elements each. */
template <int rows, int columns, int own>
struct Tile {
  static constexpr int kRows = rows;
  static constexpr int kColumns = columns;
  static constexpr int kOwn = own;
  static constexpr int kAcross = columns / own;
  static constexpr int kThreads = rows / own * kAcross;
};

/**
 * `size` neighbours of a matrix and kDepth values of k, to shared memory [kDepth][size]; zeros beyond the matrix. Threads that follow each other
 * read what lies side by side.
 */
template <int size, int threads>
__device__ void fetchTile(float (&to)[kDepth][size], const float* from, size_t along, size_t deep, int first, int end, int depth, int depthEnd) {
  const bool deepFirst = deep == 1;
  for (int i = static_cast<int>(threadIdx.x); i < size * kDepth; i += threads) {
    const int at = deepFirst ? i / kDepth : i % size;
    const int k = deepFirst ? i % kDepth : i / size;
    const bool inside = first + at < end && depth + k < depthEnd;
    to[k][at] = inside ? from[static_cast<size_t>(first + at) * along + static_cast<size_t>(depth + k) * deep] : 0.0F;
  }
}

template <class T>
__global__ void __launch_bounds__(T::kThreads) productKernel(Product p) {
  __shared__ float a[kDepth][T::kRows];
  __shared__ float b[kDepth][T::kColumns];
  const size_t lane = blockIdx.z;
  const int row = static_cast<int>(blockIdx.y) * T::kRows, column = static_cast<int>(blockIdx.x) * T::kColumns;
  // Threads take every kAcross-th column, so that neighbours read and write side by side.
  const int x = static_cast<int>(threadIdx.x) % T::kAcross, y = static_cast<int>(threadIdx.x) / T::kAcross;
  constexpr int kDown = T::kRows / T::kOwn;
  const float* aData = p.a.data + lane * p.a.lane;
  const float* bData = p.b.data + lane * p.b.lane;
  float sums[T::kOwn][T::kOwn] = {};
  for (int k = 0; k < p.k; k += kDepth) {
    fetchTile<T::kRows, T::kThreads>(a, aData, p.a.row, p.a.column, row, p.m, k, p.k);
    fetchTile<T::kColumns, T::kThreads>(b, bData, p.b.column, p.b.row, column, p.n, k, p.k);
    __syncthreads();
    const int depth = p.k - k < kDepth ? p.k - k : kDepth;
    for (int inner = 0; inner < depth; ++inner) {
      float left[T::kOwn], right[T::kOwn];
      for (int i = 0; i < T::kOwn; ++i) left[i] = a[inner][y + i * kDown];
      for (int i = 0; i < T::kOwn; ++i) right[i] = b[inner][x + i * T::kAcross];
      for (int i = 0; i < T::kOwn; ++i) {
        for (int j = 0; j < T::kOwn; ++j) sums[i][j] = fmaf(left[i], right[j], sums[i][j]);
      }
    }
    __syncthreads();
  }
  for (int i = 0; i < T::kOwn; ++i) {
    for (int j = 0; j < T::kOwn; ++j) {
      const int r = row + y + i * kDown, c = column + x + j * T::kAcross;
      if (r >= p.m || c >= p.n) continue;
      float* to = p.c + lane * p.cLane + static_cast<size_t>(r) * p.cRow + c;
      float value = p.alpha * sums[i][j];
      if (p.accumulate) value += *to;
      if (p.bias) value += p.bias[lane * p.biasLane + static_cast<size_t>(c)];
      *to = activationValue(p.activation, value, p.activationAlpha);
    }
  }
}

template <class T>
void launch(Stream& stream, int lanes, const Product& product) {
  const dim3 grid(blocksFor(static_cast<size_t>(product.n), T::kColumns), blocksFor(static_cast<size_t>(product.m), T::kRows),
                  static_cast<unsigned>(lanes));
  stream.launch(productKernel<T>, grid, dim3(T::kThreads), product);
}

}  // namespace

void multiply(Stream& stream, int lanes, const Product& product) {
  // Large tiles read less, small ones leave no processor of the card without work.
  const size_t elements = static_cast<size_t>(product.m) * static_cast<size_t>(product.n) * static_cast<size_t>(lanes);
  constexpr size_t kMany = 128;
  if (product.m > 64 && product.n > 64 && elements >= kMany * 128 * 128) return launch<Tile<128, 128, 8>>(stream, lanes, product);
  if (product.m > 16 && product.n > 32 && elements >= kMany * 64 * 64) return launch<Tile<64, 64, 4>>(stream, lanes, product);
  launch<Tile<32, 32, 2>>(stream, lanes, product);
}

}  // namespace deltalab::cuda
