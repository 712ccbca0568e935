#pragma once

#include "gemm_tile.h"
#include "tensor_cores.h"

namespace deltalab::cuda {

/** A tile of rows x columns by warps that keep down x across elements each. */
template <int rows, int columns, int down, int across>
struct MmaTile {
  static constexpr int kRows = rows;
  static constexpr int kColumns = columns;
  static constexpr int kOwnRows = down;
  static constexpr int kOwnColumns = across;
  static constexpr int kWarpsDown = rows / down;
  static constexpr int kThreads = kWarpsDown * (columns / across) * 32;
  static_assert(down % kWarpRows == 0 && across % kWarpColumns == 0 && kDepth == kWarpDepth, "a warp multiplies whole pieces");
  static_assert(kThreads % rows == 0 && kThreads % columns == 0 && kThreads % kDepth == 0, "a thread keeps its line, or its depth");
};

/**
 * Lines of an operand in shared memory, rounded, as warps read them: four neighbours in k at once. Which four stand where changes from line to
 * line, so that threads that read or write the same k of different lines meet in fewer banks.
 */
template <Precision precision, int lines>
struct FactorStage {
  using Stored = typename Factors<precision>::Stored;
  alignas(16) Four<precision> at[lines][kDepth / 4];

  __device__ static int placeOf(int line, int four) {
    constexpr int kLinesOfAllBanks = 128 / (kDepth * static_cast<int>(sizeof(Stored)));
    return four ^ (line / kLinesOfAllBanks % 4);
  }
  __device__ void put(int line, int deep, float value) { at[line][placeOf(line, deep / 4)].of[deep % 4] = Factors<precision>::rounded(value); }
  __device__ Four<precision> four(int line, int which) const { return at[line][placeOf(line, which)]; }
};

/** tileKernel by tensor cores: what is multiplied is rounded on its way to shared memory. Not for cards before compute capability 8.0. */
template <class T, Precision precision, class Work>
__global__ void __launch_bounds__(T::kThreads) mmaTileKernel(Work work) {
#if !defined(__CUDA_ARCH__) || __CUDA_ARCH__ >= 800
  using LeftStage = FactorStage<precision, T::kRows>;
  using RightStage = FactorStage<precision, T::kColumns>;
  constexpr int kDown = T::kOwnRows / kWarpRows, kAcross = T::kOwnColumns / kWarpColumns;
  __shared__ LeftStage a[2];
  __shared__ RightStage b[2];
  const TilePlace tile = placeOfTile<T>(work);
  const int warp = static_cast<int>(threadIdx.x) / 32, lane = static_cast<int>(threadIdx.x) % 32;
  const int group = lane / 4, quarter = lane % 4;
  const int row = warp % T::kWarpsDown * T::kOwnRows + group, column = warp / T::kWarpsDown * T::kOwnColumns;
  float sums[kDown][kAcross][4] = {};
  forEachDepth<T>(work, tile, a, b, [&](const LeftStage& rowsOfA, const RightStage& columnsOfB) {
    Four<precision> top[kDown], bottom[kDown];
    DELTALAB_UNROLL
    for (int i = 0; i < kDown; ++i) {
      top[i] = rowsOfA.four(row + i * kWarpRows, quarter);
      bottom[i] = rowsOfA.four(row + i * kWarpRows + kWarpRows / 2, quarter);
    }
    DELTALAB_UNROLL
    for (int j = 0; j < kAcross; ++j) {
      const Four<precision> right = columnsOfB.four(column + j * kWarpColumns + group, quarter);
      DELTALAB_UNROLL
      for (int i = 0; i < kDown; ++i) multiplyByWarp<precision>(sums[i][j], top[i], bottom[i], right);
    }
  });
  DELTALAB_UNROLL
  for (int j = 0; j < kAcross * 2; ++j) {
    const int c = tile.column + column + j / 2 * kWarpColumns + quarter * 2 + j % 2;
    if (c >= work.columns()) continue;
    const auto place = work.place(tile.item, c);
    DELTALAB_UNROLL
    for (int i = 0; i < kDown * 2; ++i) {
      const int r = tile.row + row + i * (kWarpRows / 2);
      if (r < work.rows()) work.store(tile.item, r, place, sums[i / 2][j / 2][i % 2 * 2 + j % 2]);
    }
  }
#endif
}

template <class T, Precision precision, class Work>
void launchMmaTiles(Stream& stream, const Work& work) {
  stream.launch(mmaTileKernel<T, precision, Work>, tilesOf<T>(work), dim3(T::kThreads), work);
}

template <Precision precision, class Work>
void multiplyByTensorCores(Stream& stream, const Work& work) {
  const int rows = work.rows(), columns = work.columns();
  const size_t elements = static_cast<size_t>(rows) * static_cast<size_t>(columns) * static_cast<size_t>(work.items());
  constexpr size_t kMany = 128;
  if (rows > 64 && columns > 64 && elements >= kMany * 128 * 128) return launchMmaTiles<MmaTile<128, 128, 64, 32>, precision>(stream, work);
  if (rows > 32 && columns > 32 && elements >= kMany * 64 * 64) return launchMmaTiles<MmaTile<64, 64, 32, 32>, precision>(stream, work);
  launchMmaTiles<MmaTile<32, 32, 16, 16>, precision>(stream, work);
}

/**
 * Computes all items of a work with its factors rounded to `precision`. An element is summed up by the same instructions in the same order whatever
 * the tile: k after k in Float32, and kDepth values of k after another by tensor cores.
 */
template <class Work>
void multiplyInTiles(Stream& stream, Precision precision, const Work& work) {
  if (work.rows() == 0 || work.columns() == 0 || work.items() == 0) return;
  if (precision == Precision::Tf32) multiplyByTensorCores<Precision::Tf32>(stream, work);
  else if (precision == Precision::Bf16) multiplyByTensorCores<Precision::Bf16>(stream, work);
  else multiplyInFloat32(stream, work);
}

}  // namespace deltalab::cuda
