#include "sort.h"

namespace deltalab::cuda {

namespace {

/** Keys that a block sorts in shared memory. */
constexpr size_t kTile = 1024;

/** The two keys of pair `pair`, `apart` from each other, put in order: in runs of `run` keys, up and down in turns. */
__device__ void order(uint64_t* keys, size_t first, size_t pair, size_t apart, size_t run) {
  const size_t low = (pair & ~(apart - 1)) * 2 + (pair & (apart - 1)), high = low + apart;
  const bool up = ((first + low) & run) == 0;
  const uint64_t a = keys[low], b = keys[high];
  if ((a > b) != up) return;
  keys[low] = b;
  keys[high] = a;
}

/** What can be done within tiles: for runs of `begin` to `end` keys, all steps between keys of a tile. */
__global__ void tileKernel(uint64_t* keys, size_t count, size_t tile, size_t begin, size_t end) {
  __shared__ uint64_t own[kTile];
  const size_t first = static_cast<size_t>(blockIdx.x) * tile;
  keys += static_cast<size_t>(blockIdx.y) * count + first;
  for (size_t i = threadIdx.x; i < tile; i += blockDim.x) own[i] = keys[i];
  __syncthreads();
  for (size_t run = begin; run <= end; run *= 2) {
    for (size_t apart = (run < tile ? run : tile) / 2; apart > 0; apart /= 2) {
      for (size_t pair = threadIdx.x; pair < tile / 2; pair += blockDim.x) order(own, first, pair, apart, run);
      __syncthreads();
    }
  }
  for (size_t i = threadIdx.x; i < tile; i += blockDim.x) keys[i] = own[i];
}

/** A step between keys of different tiles. */
struct FarStep {
  uint64_t* keys;
  size_t count, apart, run;

  __device__ void operator()(int lane, size_t pair) const { order(keys + static_cast<size_t>(lane) * count, 0, pair, apart, run); }
};

}  // namespace

void sortKeys(Stream& stream, int lanes, uint64_t* keys, size_t count) {
  const size_t tile = count < kTile ? count : kTile;
  const dim3 grid(blocksFor(count, tile), static_cast<unsigned>(lanes)), block(tile > 64 ? kThreads : 32);
  stream.launch(tileKernel, grid, block, keys, count, tile, size_t{2}, tile);
  for (size_t run = 2 * tile; run <= count; run *= 2) {
    for (size_t apart = run / 2; apart >= tile; apart /= 2) forEachElement(stream, lanes, count / 2, FarStep{keys, count, apart, run});
    stream.launch(tileKernel, grid, block, keys, count, tile, run, run);
  }
}

}  // namespace deltalab::cuda
