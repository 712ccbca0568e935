#include "gemm_product.h"

namespace deltalab {
namespace {

/** A packed B of so many floats (1 MiB) stays in the second-level cache, and is packed at once. */
constexpr Index kKeptFloats = 1 << 18;
/** A larger one is packed piece by piece (512 KiB): some panels, one block of k. */
constexpr Index kRoundFloats = 1 << 17;
/** Rows of A that stay in the second-level cache while the panels of B pass by. */
constexpr Index kChunkRows = 168;
/** Rows of B that are packed at a time. */
constexpr Index kPackedRows = 16;
/** An untransposed B is packed when its panels are read at least by this many rows. */
constexpr Index kPackRows = 400;
/** The same where rows of B are a multiple of 4 KiB apart: they push each other out of the caches. */
constexpr Index kPackCrowdedRows = 96;

bool packsRows(const KernelProduct& p, const KernelTable& kernels) {
  if (p.m >= kPackRows) return true;
  if (p.k < 32 || p.bStride % 1024 != 0) return false;
  return p.m > (p.bStride % 2048 == 0 ? kernels.rows / 2 : kPackCrowdedRows);
}

/** How B is packed: in rounds of some panels of columns and some blocks of k. */
struct Packing {
  Packing(const KernelProduct& p, const KernelTable& kernels, bool mayPack)
      : steps(p.k),
        packs(p.bTransposed || (mayPack && packsRows(p, kernels))),
        columns(kernels.columns),
        panels(pieces(p.n, columns)),
        together(steps.count) {
    const Index floats = columns * steps.size;
    if (packs && panels * steps.count * floats > kKeptFloats) {
      panels = pieces(panels, pieces(panels, std::max<Index>(1, kRoundFloats / floats)));
      together = std::clamp<Index>(kRoundFloats / (panels * floats), 1, steps.count);
    }
    blockFloats = panels * floats;
  }

  Steps steps;
  bool packs;
  Index columns;
  /** Of a round, for each of so many blocks of k. */
  Index panels, together, blockFloats;
};

/** Blocks of k from `round` to `end`. */
void pack(const KernelProduct& p, const KernelTable& kernels, const Packing& packing, Index round, Index end, ThreadPool* pool,
          float* packed) {
  const Steps& steps = packing.steps;
  const Index columns = packing.columns, blocks = end - round, panels = pieces(p.n, columns);
  if (p.bTransposed) {
    each(pool, panels * blocks, [&](Index i) {
      const Index step = round + i % blocks, panel = i / blocks;
      const Index width = std::min(columns, p.n - panel * columns);
      float* const to = packed + (step - round) * packing.blockFloats + panel * columns * steps.size;
      kernels.packColumns(p.b + panel * columns * p.bStride + steps.begin(step), p.bStride, steps.length(step), width, to);
    });
    return;
  }
  // Some rows at a time through all panels: rows are read on from where they were left, which the processor foresees.
  const Index chunks = pieces(steps.size, kPackedRows);
  each(pool, chunks * blocks, [&](Index i) {
    const Index step = round + i / chunks, row = i % chunks * kPackedRows;
    const Index rows = std::min(kPackedRows, steps.length(step) - row);
    if (rows <= 0) return;
    const float* const from = p.b + (steps.begin(step) + row) * p.bStride;
    float* const to = packed + (step - round) * packing.blockFloats + row * columns;
    for (Index panel = 0; panel < panels; ++panel) {
      const Index width = std::min(columns, p.n - panel * columns);
      kernels.packRows(from + panel * columns, p.bStride, rows, width, to + panel * columns * steps.size);
    }
  });
}

template <bool mayPack>
Index memory(const GemmArgs& args, const KernelTable& kernels, int) {
  const Packing packing(kernelProduct(args), kernels, mayPack);
  return packing.packs ? packing.together * packing.blockFloats : 0;
}

/** The columns of a round. */
void multiplyColumns(const GemmArgs& args, const KernelProduct& p, const KernelTable& kernels, const Packing& packing, ThreadPool* pool,
                     float* packed) {
  const GemmBlock whole = wholeBlock(args, p);
  const Steps& steps = packing.steps;
  const Index columns = packing.columns, panels = pieces(p.n, columns);

  // Chunks of C: rows that fit the cache, and enough of them for all threads.
  const Index wanted = pool != nullptr ? 2 * static_cast<Index>(pool->threads()) : 1;
  Index rowChunks = pieces(p.m, kChunkRows);
  Index columnChunks = std::min(panels, std::max<Index>(1, pieces(wanted, rowChunks)));
  if (rowChunks * columnChunks < wanted) rowChunks = std::min(pieces(p.m, kernels.rows), pieces(wanted, columnChunks));

  for (Index round = 0; round < steps.count; round += packing.together) {
    const Index end = std::min(steps.count, round + packing.together);
    if (packing.packs) pack(p, kernels, packing, round, end, pool, packed);
    each(pool, rowChunks * columnChunks, [&](Index i) {
      const Index row = p.m * (i % rowChunks) / rowChunks, rowEnd = p.m * (i % rowChunks + 1) / rowChunks;
      const Index panel = panels * (i / rowChunks) / columnChunks,
                  panelEnd = panels * (i / rowChunks + 1) / columnChunks;
      GemmBlock block = whole;
      block.m = rowEnd - row;
      block.n = std::min(p.n, panelEnd * columns) - panel * columns;
      block.c = p.c + row * p.cRow + panel * columns;
      if (block.bias != nullptr) block.bias += p.biasPerRow ? row : panel * columns;
      block.bPacked = packing.packs;
      block.bPanel = columns * steps.size;
      if (packing.packs) block.bStep = columns;
      for (Index step = round; step < end; ++step) {
        const Index from = steps.begin(step);
        block.k = steps.length(step);
        block.a = p.a + row * p.aRow + from * p.aStep;
        block.b = packing.packs ? packed + (step - round) * packing.blockFloats + panel * block.bPanel
                                : p.b + from * p.bStride + panel * columns;
        block.first = step == 0;
        block.last = step == steps.count - 1;
        kernels.gemmBlock(block);
      }
    });
  }
}

template <bool mayPack>
void multiply(const GemmArgs& args, const KernelTable& kernels, ThreadPool* pool, float* packed) {
  const KernelProduct p = kernelProduct(args);
  const Packing packing(p, kernels, mayPack);
  const Index most = packing.panels * packing.columns;
  for (Index column = 0; column < p.n; column += most) {
    KernelProduct some = p;
    some.n = std::min(most, p.n - column);
    some.b += p.bTransposed ? column * p.bStride : column;
    some.c += column;
    GemmArgs ofSome = args;
    if (args.bias != nullptr && !p.biasPerRow) ofSome.bias += column;
    multiplyColumns(ofSome, some, kernels, packing, pool, packed);
  }
}

}  // namespace

const GemmWay straightWay{memory<true>, multiply<true>};
const GemmWay unpackedWay{memory<false>, multiply<false>};

}  // namespace deltalab
