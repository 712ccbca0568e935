#pragma once

#include "device.h"

/** Whatever is in the loop: arrays of sums stay in registers only where every index is known. */
#if defined(__CUDACC__)
#define DELTALAB_UNROLL _Pragma("unroll")
#else
#define DELTALAB_UNROLL
#endif

namespace deltalab::cuda {

/**
 * The loop over tiles that products and convolutions share: C = A · B of many items (a lane, a group of its channels, …) at once, by blocks
 * that keep a tile of C in registers and take A and B through shared memory. A Work says what is multiplied:
 *
 *   int rows(), columns(), items()                         of C, and how many there are
 *   Range depths(int item)                                 the values of k
 *   left(int item), right(int item)                        the operands A and B of an item
 *   place(int item, int column)                            where a column of C lies
 *   void store(int item, int row, place, float sum)
 *
 * An operand finds an element in two steps, so that what is dear is done once for many elements:
 *
 *   line(int index)         where a row of A, or a column of B, begins
 *   depth(int k)            the way from there
 *   float at(line, depth)   the element
 *   bool deepFirst()        neighbours in k lie side by side in memory, rather than neighbouring lines
 *
 * An element is summed up in the order of k, one product after another, whatever the tile.
 */
struct Range {
  int begin, end;
};

/** Values of k that a block keeps at a time. */
constexpr int kDepth = 16;
/** Columns of shared memory nobody uses, so that a warp that writes kDepth values of two lines meets no bank more than twice. */
constexpr int kUnused = 4;

/** A tile of rows x columns by threads that keep own x own elements each. */
template <int rows, int columns, int own>
struct Tile {
  static constexpr int kRows = rows;
  static constexpr int kColumns = columns;
  static constexpr int kOwn = own;
  /** Neighbouring rows of A that a thread takes from shared memory at once: more of it would hold up the sums. */
  static constexpr int kTogether = own < 4 ? own : 4;
  static constexpr int kDown = rows / own;
  static constexpr int kAcross = columns / own;
  static constexpr int kThreads = kDown * kAcross;
  static_assert(kThreads % rows == 0 && kThreads % columns == 0 && kThreads % kDepth == 0, "a thread keeps its line, or its depth");
};

/** Neighbouring values that are read by one instruction. */
template <int count>
struct alignas(count * sizeof(float)) Together {
  float of[count];
};

/** `size` lines of an operand and kDepth values of k; zeros beyond the end. Threads that follow each other read what lies side by side. */
template <int size, int threads, int width, class Operand, class Line>
__device__ void fetchTile(float (&to)[kDepth][width], const Operand& operand, const Line& own, int first, int end, Range depths) {
  const int thread = static_cast<int>(threadIdx.x);
  if (operand.deepFirst()) {
    const int deep = thread % kDepth;
    const bool inside = depths.begin + deep < depths.end;
    const auto depth = operand.depth(inside ? depths.begin + deep : depths.begin);
    for (int i = 0; i < size * kDepth / threads; ++i) {
      const int at = thread / kDepth + i * (threads / kDepth);
      to[deep][at] = inside && first + at < end ? operand.at(operand.line(first + at), depth) : 0.0F;
    }
  } else {
    const int at = thread % size;
    for (int i = 0; i < size * kDepth / threads; ++i) {
      const int deep = thread / size + i * (threads / size);
      const bool inside = first + at < end && depths.begin + deep < depths.end;
      to[deep][at] = inside ? operand.at(own, operand.depth(depths.begin + deep)) : 0.0F;
    }
  }
}

template <class T, class Work>
__global__ void __launch_bounds__(T::kThreads) tileKernel(Work work) {
  using Rows = Together<T::kTogether>;
  alignas(Rows) __shared__ float a[kDepth][T::kRows + kUnused];
  __shared__ float b[kDepth][T::kColumns + kUnused];
  const int thread = static_cast<int>(threadIdx.x);
  // Tiles below each other first: they read the same columns of B.
  const int down = (work.rows() + T::kRows - 1) / T::kRows, across = (work.columns() + T::kColumns - 1) / T::kColumns;
  const int tile = static_cast<int>(blockIdx.x);
  const int row = tile % down * T::kRows, column = tile / down % across * T::kColumns, item = tile / down / across;
  // Threads take every kAcross-th column, so that neighbours read and write side by side.
  const int x = thread % T::kAcross, y = thread / T::kAcross;
  const auto left = work.left(item);
  const auto right = work.right(item);
  const int lastRow = work.rows() - 1, lastColumn = work.columns() - 1;
  const int ownRow = row + thread % T::kRows, ownColumn = column + thread % T::kColumns;
  const auto leftLine = left.line(ownRow < lastRow ? ownRow : lastRow);
  const auto rightLine = right.line(ownColumn < lastColumn ? ownColumn : lastColumn);
  const Range all = work.depths(item);
  float sums[T::kOwn][T::kOwn] = {};
  for (int k = all.begin; k < all.end; k += kDepth) {
    fetchTile<T::kRows, T::kThreads>(a, left, leftLine, row, work.rows(), {k, all.end});
    fetchTile<T::kColumns, T::kThreads>(b, right, rightLine, column, work.columns(), {k, all.end});
    __syncthreads();
    for (int inner = 0; inner < kDepth; ++inner) {
      float own[T::kOwn], other[T::kOwn];
      for (int i = 0; i < T::kOwn; i += T::kTogether) {
        const Rows rows = reinterpret_cast<const Rows&>(a[inner][y * T::kTogether + i * T::kDown]);
        for (int j = 0; j < T::kTogether; ++j) own[i + j] = rows.of[j];
      }
      for (int i = 0; i < T::kOwn; ++i) other[i] = b[inner][x + i * T::kAcross];
      for (int i = 0; i < T::kOwn; ++i) {
        for (int j = 0; j < T::kOwn; ++j) sums[i][j] = fmaf(own[i], other[j], sums[i][j]);
      }
    }
    __syncthreads();
  }
  DELTALAB_UNROLL
  for (int j = 0; j < T::kOwn; ++j) {
    const int c = column + x + j * T::kAcross;
    if (c >= work.columns()) continue;
    const auto place = work.place(item, c);
    DELTALAB_UNROLL
    for (int i = 0; i < T::kOwn; ++i) {
      const int r = row + y * T::kTogether + i % T::kTogether + i / T::kTogether * T::kTogether * T::kDown;
      if (r < work.rows()) work.store(item, r, place, sums[i][j]);
    }
  }
}

template <class T, class Work>
void launchTiles(Stream& stream, const Work& work) {
  const unsigned down = blocksFor(static_cast<size_t>(work.rows()), T::kRows), across = blocksFor(static_cast<size_t>(work.columns()), T::kColumns);
  stream.launch(tileKernel<T, Work>, dim3(down * across * static_cast<unsigned>(work.items())), dim3(T::kThreads), work);
}

/** Computes all items of a work in tiles that suit its size: large ones read less, small ones leave no processor of the card without work. */
template <class Work>
void multiplyInTiles(Stream& stream, const Work& work) {
  const int rows = work.rows(), columns = work.columns();
  const size_t elements = static_cast<size_t>(rows) * static_cast<size_t>(columns) * static_cast<size_t>(work.items());
  if (elements == 0) return;
  constexpr size_t kMany = 128;
  if (rows > 64 && columns > 64 && elements >= kMany * 128 * 128) return launchTiles<Tile<128, 128, 8>>(stream, work);
  if (rows > 32 && columns > 32 && elements >= kMany * 64 * 64) return launchTiles<Tile<64, 64, 4>>(stream, work);
  const unsigned down = blocksFor(static_cast<size_t>(rows), 32), across = blocksFor(static_cast<size_t>(columns), 128);
  if (columns > 64 && size_t{down * across} * static_cast<size_t>(work.items()) >= kMany) {
    return rows <= 16 ? launchTiles<Tile<16, 128, 4>>(stream, work) : launchTiles<Tile<32, 128, 4>>(stream, work);
  }
  launchTiles<Tile<32, 32, 2>>(stream, work);
}

}  // namespace deltalab::cuda
