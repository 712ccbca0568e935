#pragma once

#include <type_traits>

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
 *   Together<4> four(line, depth)   four elements that do; of operands that kReadsFours names
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

/** Lines of an operand in shared memory, as the sums of single precision read them: side by side for each value of k. */
template <int lines>
struct FloatStage {
  alignas(16) float at[kDepth][lines + kUnused];

  __device__ void put(int line, int deep, float value) { at[deep][line] = value; }
};

/** Whether an operand reads four neighbours, those in k or four lines, by one access: there are whole fours only. */
template <class Operand>
constexpr bool kReadsFours = false;

/**
 * What a thread brings of `size` lines of an operand and kDepth values of k, in registers, so that the block may multiply while it is under way.
 * Threads that follow each other read what lies side by side.
 */
template <int size, int threads, class Operand>
struct Fetched {
  static constexpr int kCount = size * kDepth / threads;
  /** Values of an access. */
  static constexpr int kAtOnce = kReadsFours<Operand> && kCount % 4 == 0 ? 4 : 1;
  /** Threads for kDepth values of k of a line, and for a value of k of all lines. */
  static constexpr int kOfLine = kDepth / kAtOnce, kOfDepth = size / kAtOnce;
  float values[kCount] = {};

  /** The line of a thread where lines lie side by side, from the first. */
  __device__ static int ownLine() { return static_cast<int>(threadIdx.x) % kOfDepth * kAtOnce; }

  /** Zeros beyond the end; `own` is the line of the thread where lines lie side by side. */
  template <class Line>
  __device__ void fetch(const Operand& operand, const Line& own, int first, int end, Range depths) {
    const int thread = static_cast<int>(threadIdx.x);
    if (operand.deepFirst()) {
      const int deep = thread % kOfLine * kAtOnce;
      const bool inside = depths.begin + deep < depths.end;
      const auto depth = operand.depth(inside ? depths.begin + deep : depths.begin);
      DELTALAB_UNROLL
      for (int i = 0; i < kCount / kAtOnce; ++i) {
        const int at = thread / kOfLine + i * (threads / kOfLine);
        take(i, operand, inside && first + at < end, [&] { return operand.line(first + at); }, [&] { return depth; });
      }
    } else {
      DELTALAB_UNROLL
      for (int i = 0; i < kCount / kAtOnce; ++i) {
        const int deep = thread / kOfDepth + i * (threads / kOfDepth);
        const bool inside = first + ownLine() < end && depths.begin + deep < depths.end;
        take(i, operand, inside, [&] { return own; }, [&] { return operand.depth(depths.begin + deep); });
      }
    }
  }

  template <class Stage>
  __device__ void putTo(Stage& stage, bool deepFirst) const {
    const int thread = static_cast<int>(threadIdx.x);
    DELTALAB_UNROLL
    for (int i = 0; i < kCount; ++i) {
      const int access = i / kAtOnce, more = i % kAtOnce;
      if (deepFirst) stage.put(thread / kOfLine + access * (threads / kOfLine), thread % kOfLine * kAtOnce + more, values[i]);
      else stage.put(ownLine() + more, thread / kOfDepth + access * (threads / kOfDepth), values[i]);
    }
  }

 private:
  template <class Line, class Depth>
  __device__ void take(int i, const Operand& operand, bool inside, const Line& line, const Depth& depth) {
    if constexpr (kAtOnce == 1) {
      values[i] = inside ? operand.at(line(), depth()) : 0.0F;
    } else {
      const Together<4> four = inside ? operand.four(line(), depth()) : Together<4>{};
      DELTALAB_UNROLL
      for (int j = 0; j < 4; ++j) values[4 * i + j] = four.of[j];
    }
  }
};

/** Which tile a block computes: its item, and its first row and column. */
struct TilePlace {
  int item, row, column;
};

/** Tiles below each other first: they read the same columns of B. */
template <class T, class Work>
__device__ TilePlace placeOfTile(const Work& work) {
  const int down = (work.rows() + T::kRows - 1) / T::kRows, across = (work.columns() + T::kColumns - 1) / T::kColumns;
  const int tile = static_cast<int>(blockIdx.x);
  return {tile / down / across, tile % down * T::kRows, tile / down % across * T::kColumns};
}

/**
 * multiply(a, b) for kDepth values of k after another, with the rows of A and the columns of B of the tile in shared memory. While a block
 * multiplies, the next are on their way: there are two stages, so that all threads meet once for each kDepth.
 */
template <class T, class Work, class LeftStage, class RightStage, class Multiply>
__device__ __forceinline__ void forEachDepth(const Work& work, const TilePlace& tile, LeftStage (&a)[2], RightStage (&b)[2], Multiply&& multiply) {
  const auto left = work.left(tile.item);
  const auto right = work.right(tile.item);
  Fetched<T::kRows, T::kThreads, std::decay_t<decltype(left)>> rows;
  Fetched<T::kColumns, T::kThreads, std::decay_t<decltype(right)>> columns;
  const int lastRow = work.rows() - 1, lastColumn = work.columns() - 1;
  const int ownRow = tile.row + rows.ownLine(), ownColumn = tile.column + columns.ownLine();
  const auto leftLine = left.line(ownRow < lastRow ? ownRow : lastRow);
  const auto rightLine = right.line(ownColumn < lastColumn ? ownColumn : lastColumn);
  const Range all = work.depths(tile.item);
  for (int k = all.begin, stage = 0;; k += kDepth, stage ^= 1) {
    const bool more = k < all.end;
    if (more) {
      rows.fetch(left, leftLine, tile.row, work.rows(), {k, all.end});
      columns.fetch(right, rightLine, tile.column, work.columns(), {k, all.end});
    }
    if (k > all.begin) multiply(a[stage ^ 1], b[stage ^ 1]);
    if (!more) return;
    rows.putTo(a[stage], left.deepFirst());
    columns.putTo(b[stage], right.deepFirst());
    __syncthreads();
  }
}

template <class T, class Work>
__global__ void __launch_bounds__(T::kThreads) tileKernel(Work work) {
  using Rows = Together<T::kTogether>;
  using LeftStage = FloatStage<T::kRows>;
  using RightStage = FloatStage<T::kColumns>;
  __shared__ LeftStage a[2];
  __shared__ RightStage b[2];
  const int thread = static_cast<int>(threadIdx.x);
  const TilePlace tile = placeOfTile<T>(work);
  // Threads take every kAcross-th column, so that neighbours read and write side by side.
  const int x = thread % T::kAcross, y = thread / T::kAcross;
  float sums[T::kOwn][T::kOwn] = {};
  forEachDepth<T>(work, tile, a, b, [&](const LeftStage& rowsOfA, const RightStage& columnsOfB) {
    for (int inner = 0; inner < kDepth; ++inner) {
      float own[T::kOwn], other[T::kOwn];
      for (int i = 0; i < T::kOwn; i += T::kTogether) {
        const Rows rows = reinterpret_cast<const Rows&>(rowsOfA.at[inner][y * T::kTogether + i * T::kDown]);
        for (int j = 0; j < T::kTogether; ++j) own[i + j] = rows.of[j];
      }
      for (int i = 0; i < T::kOwn; ++i) other[i] = columnsOfB.at[inner][x + i * T::kAcross];
      for (int i = 0; i < T::kOwn; ++i) {
        for (int j = 0; j < T::kOwn; ++j) sums[i][j] = fmaf(own[i], other[j], sums[i][j]);
      }
    }
  });
  DELTALAB_UNROLL
  for (int j = 0; j < T::kOwn; ++j) {
    const int c = tile.column + x + j * T::kAcross;
    if (c >= work.columns()) continue;
    const auto place = work.place(tile.item, c);
    DELTALAB_UNROLL
    for (int i = 0; i < T::kOwn; ++i) {
      const int r = tile.row + y * T::kTogether + i % T::kTogether + i / T::kTogether * T::kTogether * T::kDown;
      if (r < work.rows()) work.store(tile.item, r, place, sums[i][j]);
    }
  }
}

/** Blocks for all tiles of a work. */
template <class T, class Work>
dim3 tilesOf(const Work& work) {
  const unsigned down = blocksFor(static_cast<size_t>(work.rows()), T::kRows), across = blocksFor(static_cast<size_t>(work.columns()), T::kColumns);
  return dim3(down * across * static_cast<unsigned>(work.items()));
}

template <class T, class Work>
void launchTiles(Stream& stream, const Work& work) {
  stream.launch(tileKernel<T, Work>, tilesOf<T>(work), dim3(T::kThreads), work);
}

/** Computes all items of a work in tiles that suit its size: large ones read less, small ones leave no processor of the card without work. */
template <class Work>
void multiplyInFloat32(Stream& stream, const Work& work) {
  const int rows = work.rows(), columns = work.columns();
  const size_t elements = static_cast<size_t>(rows) * static_cast<size_t>(columns) * static_cast<size_t>(work.items());
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
