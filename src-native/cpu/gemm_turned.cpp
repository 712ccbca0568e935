#include "gemm_product.h"

namespace deltalab {
namespace {

/** Rows of C^T that are put back together at a time, and the values of such a block: half of the first-level cache. */
constexpr Index kBlockRows = 64;
constexpr Index kBlockFloats = 4096;

/** C^T is n × m. A is packed in panels of its rows, unless it lies transposed: then its rows are read as they are. */
struct Blocks {
  Blocks(const GemmArgs& args, const KernelTable& kernels, int threads)
      : packs(!args.transA),
        panels(pieces(args.m, kernels.columns)),
        packedFloats(packs ? panels * kernels.columns * args.k : 0),
        rows(pieces(args.n, kBlockRows)),
        columns(pieces(panels, std::max<Index>(1, kBlockFloats / kernels.columns / pieces(args.n, rows)))) {
    // Threads share the weights, of which each then has its own in its cache: rows of B, or of C where C is their gradient.
    Index& shared = packs ? rows : columns;
    shared = std::min<Index>(packs ? args.n : panels, pieces(shared, threads) * threads);
    floats = pieces(args.n, rows) * pieces(panels, columns) * kernels.columns;
  }

  bool packs;
  Index panels, packedFloats;
  /** Blocks along n and along m, and the most values of one. */
  Index rows, columns, floats;
};

int threadsOf(const ThreadPool* pool) { return pool != nullptr ? pool->threads() : 1; }

Index memory(const GemmArgs& args, const KernelTable& kernels, int threads) {
  const Blocks blocks(args, kernels, threads);
  return blocks.packedFloats + threads * blocks.floats;
}

void multiply(const GemmArgs& args, const KernelTable& kernels, ThreadPool* pool, float* packed) {
  const Index m = args.m, n = args.n, k = args.k, columns = kernels.columns;
  const Steps steps(k);
  const Blocks blocks(args, kernels, threadsOf(pool));
  float* const turned = packed + blocks.packedFloats;
  if (blocks.packs) {
    each(pool, blocks.panels, [&](Index panel) {
      const Index row = panel * columns, width = std::min(columns, m - row);
      kernels.packColumns(args.a + row * args.lda, args.lda, k, width, packed + panel * columns * k);
    });
  }

  GemmBlock whole = wholeBlock(args, kernelProduct(args));
  whole.aRow = args.transB ? args.ldb : 1;
  whole.aStep = args.transB ? 1 : args.ldb;
  whole.bStep = blocks.packs ? columns : args.lda;
  whole.bPacked = blocks.packs;
  whole.bPanel = columns * k;
  whole.biasPerRow = true;
  const auto compute = [&](int i, int thread) {
    const Index rowBlock = blocks.packs ? i / blocks.columns : i % blocks.rows;
    const Index columnBlock = blocks.packs ? i % blocks.columns : i / blocks.rows;
    const Index row = n * rowBlock / blocks.rows, rowEnd = n * (rowBlock + 1) / blocks.rows;
    const Index panel = blocks.panels * columnBlock / blocks.columns, panelEnd = blocks.panels * (columnBlock + 1) / blocks.columns;
    GemmBlock block = whole;
    block.m = rowEnd - row;
    block.n = std::min(m, panelEnd * columns) - panel * columns;
    block.c = turned + thread * blocks.floats;
    block.cRow = block.n;
    if (args.bias != nullptr) block.bias = args.bias + row;
    for (Index step = 0; step < steps.count; ++step) {
      const Index from = steps.begin(step);
      block.k = steps.length(step);
      block.a = args.b + row * whole.aRow + from * whole.aStep;
      block.b = blocks.packs ? packed + panel * block.bPanel + from * columns : args.a + from * args.lda + panel * columns;
      block.first = step == 0;
      block.last = step == steps.count - 1;
      kernels.gemmBlock(block);
    }
    kernels.transpose(block.c, block.cRow, block.m, block.n, args.c + panel * columns * args.ldc + row, args.ldc);
  };
  const int count = static_cast<int>(blocks.rows * blocks.columns);
  if (pool != nullptr) return pool->forEach(count, compute);
  for (int i = 0; i < count; ++i) compute(i, 0);
}

}  // namespace

const GemmWay turnedWay{memory, multiply};

}  // namespace deltalab
