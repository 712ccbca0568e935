#include "gemm_product.h"

namespace deltalab {
namespace {

/** A block, in floats, and its least rows: below them a tile of B would be read for too few products. */
constexpr Index kBlockFloats = 6144;
constexpr Index kLeastRows = 7;
/** Columns of C that pay for a copy of A. */
constexpr Index kLeastColumns = 48;

/** Rows of a block: whole tiles where there are several. */
Index rowsOfBlock(Index m, Index n, Index tile) {
  Index rows = std::max(std::min(tile, kLeastRows), kBlockFloats / n);
  if (rows > tile) rows -= rows % tile;
  return pieces(m, pieces(m, rows));
}

/**
 * Rows of A a multiple of a large power of two apart share the few places of a cache that addresses of equal low bits go to: they push
 * each other out, and are fetched anew for every tile.
 */
bool crowdsA(Index stride, Index rows) { return stride % 512 == 0 && rows >= 32; }

}  // namespace

void gemmByRows(const GemmArgs& args, ThreadPool& pool, Workspace& workspace, RowsFunction done, void* context) {
  if (args.m <= 0 || args.n <= 0) return;
  const KernelTable& kernels = kernelTable();
  GemmArgs most = args;
  most.m = static_cast<int>(rowsOfBlock(args.m, args.n, kernels.rows));
  // B would be packed anew for every block.
  const bool turns = &wayOf(most, kernels) == &turnedWay;
  const GemmWay& way = turns ? turnedWay : unpackedWay;
  const Index rows = most.m, blocks = pieces(args.m, rows);
  const bool copies = !turns && args.n >= kLeastColumns && crowdsA(args.lda, args.k);
  const Index values = rows * args.n, copied = copies ? rows * args.k : 0;

  const bool parallel = workOf(args) >= kParallelWork;
  workspace.products.forEachTask(
      pool, parallel, static_cast<size_t>(blocks), static_cast<size_t>(values + copied + way.memory(most, kernels, 1)),
      [&](size_t i, float* memory) {
        GemmArgs one = args;
        const Index row = static_cast<Index>(i) * rows;
        one.m = static_cast<int>(std::min(rows, args.m - row));
        one.a += row;
        one.c = memory;
        one.ldc = args.n;
        if (copies) {
          float* const own = memory + values;
          for (Index step = 0; step < args.k; ++step) std::copy_n(one.a + step * args.lda, one.m, own + step * one.m);
          one.a = own;
          one.lda = one.m;
        }
        done(context, static_cast<int>(row), one.m, nullptr);
        way.multiply(one, kernels, nullptr, memory + values + copied);
        done(context, static_cast<int>(row), one.m, one.c);
      });
}

}  // namespace deltalab
