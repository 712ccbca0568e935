#include "gemm_product.h"

namespace deltalab {
namespace {

/** Rows of C^T that are put back together at a time, and the values of such a block: half of the first-level cache. */
constexpr Index kBlockRows = 64;
constexpr Index kBlockFloats = 4096;

/** Rows of C^T per thread that pay for a packed A of each thread's own. */
constexpr Index kOwnRows = 64;

/** How the n × m values of C^T are cut. A is packed in panels of its rows, unless it lies transposed: then its rows are read as they are. */
struct Blocks {
  Blocks(const GemmArgs& args, const KernelTable& kernels, int threads)
      : packs(!args.transA),
        own(packs && threads > 1 && args.n >= threads * kOwnRows),
        panels(pieces(args.m, kernels.columns)),
        packedFloats(packs ? panels * kernels.columns * args.k : 0),
        rows(pieces(args.n, kBlockRows)),
        columns(pieces(panels, std::max<Index>(1, kBlockFloats / kernels.columns / pieces(args.n, rows)))) {
    // Threads share the weights, of which each then has its part in its cache: rows of B, or of C where C is their gradient.
    Index& shared = packs ? rows : columns;
    shared = std::min<Index>(packs ? args.n : panels, pieces(shared, threads) * threads);
    floats = pieces(args.n, rows) * pieces(panels, columns) * kernels.columns;
  }
  Index count() const { return rows * columns; }

  bool packs;
  /** Each thread packs A for itself: what one core writes and another reads costs more than to do the work twice. */
  bool own;
  Index panels, packedFloats;
  /** Blocks along n and along m, and the most values of one. */
  Index rows, columns, floats;
};

Index memory(const GemmArgs& args, const KernelTable& kernels, int threads) {
  const Blocks blocks(args, kernels, threads);
  return (blocks.own ? threads : 1) * blocks.packedFloats + threads * blocks.floats;
}

void packPanel(const GemmArgs& args, const KernelTable& kernels, Index panel, float* packed) {
  const Index columns = kernels.columns, row = panel * columns;
  kernels.packColumns(args.a + row * args.lda, args.lda, args.k, std::min(columns, args.m - row), packed + row * args.k);
}

/** One block of C^T, in `turned`, and its way into C. */
void multiplyBlock(const GemmArgs& args, const KernelTable& kernels, const Blocks& blocks, Index index, const float* packed, float* turned) {
  const Index columns = kernels.columns;
  const Index rowBlock = blocks.packs ? index / blocks.columns : index % blocks.rows;
  const Index columnBlock = blocks.packs ? index % blocks.columns : index / blocks.rows;
  const Index row = args.n * rowBlock / blocks.rows, rowEnd = args.n * (rowBlock + 1) / blocks.rows;
  const Index panel = blocks.panels * columnBlock / blocks.columns, panelEnd = blocks.panels * (columnBlock + 1) / blocks.columns;
  GemmBlock block = wholeBlock(args, kernelProduct(args));
  block.m = rowEnd - row;
  block.n = std::min<Index>(args.m, panelEnd * columns) - panel * columns;
  block.aRow = args.transB ? args.ldb : 1;
  block.aStep = args.transB ? 1 : args.ldb;
  block.bStep = blocks.packs ? columns : args.lda;
  block.bPacked = blocks.packs;
  block.bPanel = columns * args.k;
  block.c = turned;
  block.cRow = block.n;
  block.biasPerRow = true;
  if (args.bias != nullptr) block.bias = args.bias + row;
  const Steps steps(args.k);
  for (Index step = 0; step < steps.count; ++step) {
    const Index from = steps.begin(step);
    block.k = steps.length(step);
    block.a = args.b + row * block.aRow + from * block.aStep;
    block.b = blocks.packs ? packed + panel * block.bPanel + from * columns : args.a + from * args.lda + panel * columns;
    block.first = step == 0;
    block.last = step == steps.count - 1;
    kernels.gemmBlock(block);
  }
  kernels.transpose(turned, block.cRow, block.m, block.n, args.c + panel * columns * args.ldc + row, args.ldc);
}

void multiply(const GemmArgs& args, const KernelTable& kernels, ThreadPool* pool, float* memory) {
  const int threads = pool != nullptr ? pool->threads() : 1;
  const Blocks blocks(args, kernels, threads);
  float* const turned = memory + (blocks.own ? threads : 1) * blocks.packedFloats;
  if (blocks.own) {
    pool->forEach(threads, [&](int share, int thread) {
      float* const packed = memory + thread * blocks.packedFloats;
      for (Index panel = 0; panel < blocks.panels; ++panel) packPanel(args, kernels, panel, packed);
      const Index end = blocks.count() * (share + 1) / threads;
      for (Index i = blocks.count() * share / threads; i < end; ++i) {
        multiplyBlock(args, kernels, blocks, i, packed, turned + thread * blocks.floats);
      }
    });
    return;
  }
  if (blocks.packs) each(pool, blocks.panels, [&](Index panel) { packPanel(args, kernels, panel, memory); });
  const auto compute = [&](int i, int thread) { multiplyBlock(args, kernels, blocks, i, memory, turned + thread * blocks.floats); };
  if (pool != nullptr) return pool->forEach(static_cast<int>(blocks.count()), compute);
  for (int i = 0; i < blocks.count(); ++i) compute(i, 0);
}

}  // namespace

const GemmWay turnedWay{memory, multiply};

}  // namespace deltalab
