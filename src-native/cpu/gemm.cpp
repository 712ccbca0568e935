#include "gemm.h"

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <new>
#include <vector>

#include "kernels/kernel_table.h"

namespace deltalab {
namespace {

/** Longest chain of additions. Longer products are cut into equal blocks: less rounding error, and B panels that fit
 * the caches. */
constexpr Index kMostSteps = 512;
/** Packed panels of B of one round, in floats (4 MiB). */
constexpr Index kRoundFloats = 1 << 20;
/** Rows of A that stay in the second-level cache while the panels of B pass by. */
constexpr Index kChunkRows = 168;
/** Multiply-adds below which a second thread costs more than it brings. */
constexpr double kParallelWork = 1 << 17;
/** An untransposed B is packed when its panels are read at least by this many rows. */
constexpr Index kPackRows = 400;
/** The same where rows of B are a multiple of 4 KiB apart. */
constexpr Index kPackCrowdedRows = 96;

/**
 * Rows of A a multiple of a large power of two apart share the few places of a cache that addresses of equal low bits go to: they push
 * each other out, and are fetched anew for every tile.
 */
bool crowdsA(Index stride, Index rows) { return stride % 512 == 0 && rows >= 32; }

/** Rows of B that are packed at a time. */
constexpr Index kPackedRows = 16;
/** Columns of C that are put back together by multiplyTurned: 64 rows of 64 samples are half of the first-level cache. */
constexpr Index kTurnedRows = 64;

/** A block of gemmByRows, in floats, and its least rows: below them a tile of B would be read for too few products. */
constexpr Index kBlockFloats = 6144;
constexpr Index kLeastBlockRows = 7;
/** Columns of C that pay for a copy of A. */
constexpr Index kLeastColumns = 48;

class AlignedBuffer {
 public:
  AlignedBuffer() = default;
  AlignedBuffer(AlignedBuffer&& other) noexcept : data_(other.data_), size_(other.size_) {
    other.data_ = nullptr;
    other.size_ = 0;
  }
  AlignedBuffer(const AlignedBuffer&) = delete;
  AlignedBuffer& operator=(const AlignedBuffer&) = delete;
  ~AlignedBuffer() { release(); }

  float* floats(Index count) {
    if (count > size_) {
      release();
      data_ = static_cast<float*>(::operator new(static_cast<size_t>(count) * sizeof(float), std::align_val_t(64)));
      size_ = count;
    }
    return data_;
  }
  Index size() const { return size_; }

 private:
  void release() {
    if (data_ != nullptr) ::operator delete(data_, std::align_val_t(64));
    data_ = nullptr;
    size_ = 0;
  }
  float* data_ = nullptr;
  Index size_ = 0;
};

/** A product as the kernel sees it: A by two strides, B by rows (`bTransposed`: by columns). */
struct Product {
  Index m, n, k;
  const float* a;
  Index aRow, aStep;
  const float* b;
  Index bStride;
  bool bTransposed;
  float* c;
  Index cRow;
  bool biasPerRow;
};

Product productOf(const GemmArgs& args) {
  Product p;
  p.m = args.m;
  p.n = args.n;
  p.k = args.k;
  p.a = args.a;
  p.aRow = args.transA ? 1 : args.lda;
  p.aStep = args.transA ? args.lda : 1;
  p.b = args.b;
  p.bStride = args.ldb;
  p.bTransposed = args.transB;
  p.c = args.c;
  p.cRow = args.ldc;
  p.biasPerRow = false;
  if (p.n == 1 && p.m > 1 && args.ldc == 1) {
    // One column lies along a vector better than across: C^T = op(B)^T · op(A)^T, the same products and sums.
    p.m = 1;
    p.n = args.m;
    p.a = args.b;
    p.aRow = 0;
    p.aStep = args.transB ? 1 : args.ldb;
    p.b = args.a;
    p.bStride = args.lda;
    p.bTransposed = !args.transA;
    p.cRow = args.m;
    p.biasPerRow = true;
  }
  // A transposed B whose columns are single values apart is an ordinary row.
  if (p.bTransposed && p.k == 1 && p.bStride == 1) {
    p.bTransposed = false;
    p.bStride = p.n;
  }
  return p;
}

/** Cuts k into blocks of equal size; depends on k alone, as the bits of the result do. */
struct Steps {
  explicit Steps(Index k) : total(k) {
    const Index wanted = std::max<Index>(1, (k + kMostSteps - 1) / kMostSteps);
    size = std::max<Index>(1, ((k + wanted - 1) / wanted + 7) / 8 * 8);
    count = std::max<Index>(1, (k + size - 1) / size);
  }
  Index begin(Index i) const { return i * size; }
  Index length(Index i) const { return std::min(size, total - i * size); }
  Index total, size, count;
};

GemmBlock blockOf(const GemmArgs& args, const Product& p) {
  GemmBlock block;
  block.m = p.m;
  block.n = p.n;
  block.k = p.k;
  block.a = p.a;
  block.aRow = p.aRow;
  block.aStep = p.aStep;
  block.b = p.b;
  block.bStep = p.bStride;
  block.bPacked = false;
  block.bPanel = 0;
  block.c = p.c;
  block.cRow = p.cRow;
  block.alpha = args.alpha;
  block.beta = args.beta;
  block.bias = args.bias;
  block.biasPerRow = p.biasPerRow;
  block.activation = static_cast<int>(args.activation);
  block.activationAlpha = args.activationAlpha;
  block.first = true;
  block.last = true;
  return block;
}

/** Calls f(i) for all i, on the pool's threads when there is one. */
template <class F>
void each(ThreadPool* pool, Index count, F&& f) {
  if (pool != nullptr && count > 1) {
    pool->forEach(static_cast<int>(count), [&](int i) { f(static_cast<Index>(i)); });
  } else {
    for (Index i = 0; i < count; ++i) f(i);
  }
}

/** The general path. `pool` may be null; `scratch` holds the packed B, without which an untransposed B can do. */
void multiply(const GemmArgs& args, const Product& p, const KernelTable& kernels, ThreadPool* pool,
              AlignedBuffer& scratch, bool packs) {
  const GemmBlock whole = blockOf(args, p);
  const Steps steps(p.k);
  const Index columns = kernels.columns;
  const Index panels = (p.n + columns - 1) / columns;

  // Chunks of C: rows that fit the cache, and enough of them for all threads.
  const Index wanted = pool != nullptr ? 2 * static_cast<Index>(pool->threads()) : 1;
  Index rowChunks = (p.m + kChunkRows - 1) / kChunkRows;
  Index columnChunks = std::min(panels, std::max<Index>(1, (wanted + rowChunks - 1) / rowChunks));
  if (rowChunks * columnChunks < wanted) {
    const Index tiles = (p.m + kernels.rows - 1) / kernels.rows;
    rowChunks = std::min(tiles, (wanted + columnChunks - 1) / columnChunks);
  }

  // Blocks of k whose panels are packed together: all of them, unless B is large.
  const Index blockFloats = panels * columns * steps.size;
  const Index together = packs ? std::max<Index>(1, kRoundFloats / blockFloats) : steps.count;
  float* const packed = packs ? scratch.floats(std::min(together, steps.count) * blockFloats) : nullptr;

  for (Index round = 0; round < steps.count; round += together) {
    const Index end = std::min(steps.count, round + together);
    if (packs && p.bTransposed) {
      each(pool, panels * (end - round), [&](Index i) {
        const Index step = round + i / panels, panel = i % panels;
        const Index width = std::min(columns, p.n - panel * columns);
        float* const to = packed + (step - round) * blockFloats + panel * columns * steps.size;
        kernels.packColumns(p.b + panel * columns * p.bStride + steps.begin(step), p.bStride, steps.length(step), width, to);
      });
    } else if (packs) {
      // Some rows at a time through all panels: rows are read on from where they were left, which the processor foresees.
      const Index chunks = (steps.size + kPackedRows - 1) / kPackedRows;
      each(pool, chunks * (end - round), [&](Index i) {
        const Index step = round + i / chunks, row = i % chunks * kPackedRows;
        const Index rows = std::min(kPackedRows, steps.length(step) - row);
        if (rows <= 0) return;
        const float* const from = p.b + (steps.begin(step) + row) * p.bStride;
        float* const to = packed + (step - round) * blockFloats + row * columns;
        for (Index panel = 0; panel < panels; ++panel) {
          const Index width = std::min(columns, p.n - panel * columns);
          kernels.packRows(from + panel * columns, p.bStride, rows, width, to + panel * columns * steps.size);
        }
      });
    }
    each(pool, rowChunks * columnChunks, [&](Index i) {
      const Index row = p.m * (i % rowChunks) / rowChunks, rowEnd = p.m * (i % rowChunks + 1) / rowChunks;
      const Index panel = panels * (i / rowChunks) / columnChunks,
                  panelEnd = panels * (i / rowChunks + 1) / columnChunks;
      GemmBlock block = whole;
      block.m = rowEnd - row;
      block.n = std::min(p.n, panelEnd * columns) - panel * columns;
      block.c = p.c + row * p.cRow + panel * columns;
      if (args.bias != nullptr) block.bias = args.bias + (p.biasPerRow ? row : panel * columns);
      block.bPacked = packs;
      block.bPanel = columns * steps.size;
      if (packs) block.bStep = columns;
      for (Index step = round; step < end; ++step) {
        const Index from = steps.begin(step);
        block.k = steps.length(step);
        block.a = p.a + row * p.aRow + from * p.aStep;
        block.b = packs ? packed + (step - round) * blockFloats + panel * block.bPanel
                        : p.b + from * p.bStride + panel * columns;
        block.first = step == 0;
        block.last = step == steps.count - 1;
        kernels.gemmBlock(block);
      }
    });
  }
}

/**
 * With B transposed either its n × k values are packed, or A and C are turned round: C^T = B · A^T reads B as it lies, packs the m × k
 * values of A and puts back m × n of C. Both give the same bits. Costs in cycles: a vector of multiply-adds takes one, turning a
 * value round about half a one.
 */
bool turningIsCheaper(const GemmArgs& args, Index width) {
  if (!args.transB || args.beta != 0) return false;
  const double m = args.m, n = args.n, k = args.k;
  const auto vectors = [&](Index count) { return static_cast<double>((count + width - 1) / width); };
  return vectors(args.m) * n * k + 0.5 * m * (k + n) < m * k * vectors(args.n) + 0.5 * n * k;
}

/** C^T = B · A^T by blocks of C's columns; `pool` may be null. */
void multiplyTurned(const GemmArgs& args, const KernelTable& kernels, ThreadPool* pool, AlignedBuffer& scratch) {
  const Index m = args.m, n = args.n, k = args.k, columns = kernels.columns;
  const Steps steps(k);
  const Index panels = (m + columns - 1) / columns;
  const Index panelFloats = k * columns;
  float* const packed = scratch.floats(panels * panelFloats + n * m);
  float* const turned = packed + panels * panelFloats;
  each(pool, panels, [&](Index panel) {
    const Index row = panel * columns, width = std::min(columns, m - row);
    float* const to = packed + panel * panelFloats;
    if (args.transA) kernels.packRows(args.a + row, args.lda, k, width, to);
    else kernels.packColumns(args.a + row * args.lda, args.lda, k, width, to);
  });
  GemmBlock whole = blockOf(args, productOf(args));
  whole.n = m;
  whole.aRow = args.ldb;
  whole.aStep = 1;
  whole.bStep = columns;
  whole.bPacked = true;
  whole.bPanel = panelFloats;
  whole.cRow = m;
  whole.biasPerRow = true;
  each(pool, (n + kTurnedRows - 1) / kTurnedRows, [&](Index i) {
    const Index row = i * kTurnedRows;
    GemmBlock block = whole;
    block.m = std::min(kTurnedRows, n - row);
    block.c = turned + row * m;
    if (args.bias != nullptr) block.bias = args.bias + row;
    for (Index step = 0; step < steps.count; ++step) {
      block.k = steps.length(step);
      block.a = args.b + row * args.ldb + steps.begin(step);
      block.b = packed + steps.begin(step) * columns;
      block.first = step == 0;
      block.last = step == steps.count - 1;
      kernels.gemmBlock(block);
    }
    kernels.transpose(block.c, m, block.m, m, args.c + row, args.ldc);
  });
}

/** Whether an untransposed B is packed: when many rows read it, and when its own rows push each other out of the caches (crowdsA). */
bool packsRows(const Product& p, const KernelTable& kernels) {
  if (p.m >= kPackRows) return true;
  if (p.k < 32 || p.bStride % 1024 != 0) return false;
  return p.m > (p.bStride % 2048 == 0 ? kernels.rows / 2 : kPackCrowdedRows);
}

/** One product on the calling thread, and on the pool's when it is given. */
void multiplyOne(const GemmArgs& args, const KernelTable& kernels, ThreadPool* pool, AlignedBuffer& scratch) {
  if (turningIsCheaper(args, kernels.width)) return multiplyTurned(args, kernels, pool, scratch);
  const Product p = productOf(args);
  if (!p.bTransposed && !packsRows(p, kernels) && p.k <= kMostSteps && pool == nullptr) {
    kernels.gemmBlock(blockOf(args, p));
    return;
  }
  const bool packs = p.bTransposed || packsRows(p, kernels);
  multiply(args, p, kernels, pool, scratch, packs);
}

double workOf(const GemmArgs& args) {
  return static_cast<double>(args.m) * static_cast<double>(args.n) * static_cast<double>(args.k);
}

}  // namespace

struct Workspace::Buffers {
  /** One per thread that works on products of its own; the first also serves products that all threads share. */
  std::vector<AlignedBuffer> perThread;

  AlignedBuffer& at(size_t i) {
    if (perThread.size() <= i) perThread.resize(i + 1);
    return perThread[i];
  }
};

Workspace::Workspace() : buffers(std::make_unique<Buffers>()) {}
Workspace::~Workspace() = default;
Workspace::Workspace(Workspace&&) noexcept = default;
Workspace& Workspace::operator=(Workspace&&) noexcept = default;

size_t Workspace::bytes() const {
  size_t floats = 0;
  for (const AlignedBuffer& buffer : buffers->perThread) floats += static_cast<size_t>(buffer.size());
  return floats * sizeof(float) + scratch.bytes();
}

void gemm(const GemmArgs& args, ThreadPool& pool, Workspace& workspace) {
  if (args.m <= 0 || args.n <= 0) return;
  const bool parallel = pool.threads() > 1 && workOf(args) >= kParallelWork;
  multiplyOne(args, kernelTable(), parallel ? &pool : nullptr, workspace.buffers->at(0));
}

void gemmByRows(const GemmArgs& args, ThreadPool& pool, Workspace& workspace, RowsFunction done, void* context) {
  if (args.m <= 0 || args.n <= 0) return;
  const KernelTable& kernels = kernelTable();
  const Index rows = std::min<Index>(args.m, std::max<Index>(kLeastBlockRows, kBlockFloats / args.n));
  const Index blocks = (args.m + rows - 1) / rows;
  const auto compute = [&](Index i, AlignedBuffer& scratch) {
    GemmArgs one = args;
    const Index row = args.m * i / blocks;
    one.m = static_cast<int>(args.m * (i + 1) / blocks - row);
    one.a += row;
    const bool copies = args.n >= kLeastColumns && crowdsA(args.lda, args.k);
    float* const memory = scratch.floats(rows * (args.n + (copies ? args.k : 0)));
    one.c = memory;
    one.ldc = args.n;
    if (copies) {
      float* const own = memory + rows * args.n;
      for (Index step = 0; step < args.k; ++step) std::copy_n(one.a + step * args.lda, one.m, own + step * one.m);
      one.a = own;
      one.lda = one.m;
    }
    done(context, static_cast<int>(row), one.m, nullptr);
    multiply(one, productOf(one), kernels, nullptr, scratch, false);
    done(context, static_cast<int>(row), one.m, one.c);
  };
  const int threads = blocks > 1 && workOf(args) >= kParallelWork ? pool.threads() : 1;
  workspace.buffers->at(static_cast<size_t>(threads - 1));
  std::atomic<Index> next{0};
  each(threads > 1 ? &pool : nullptr, threads, [&](Index slot) {
    AlignedBuffer& scratch = workspace.buffers->perThread[static_cast<size_t>(slot)];
    for (Index i = next.fetch_add(1, std::memory_order_relaxed); i < blocks; i = next.fetch_add(1, std::memory_order_relaxed)) {
      compute(i, scratch);
    }
  });
}

void gemmBatched(const GemmArgs& args, int count, GemmStrides strides, const unsigned char* active, ThreadPool& pool,
                 Workspace& workspace) {
  if (args.m <= 0 || args.n <= 0 || count <= 0) return;
  const KernelTable& kernels = kernelTable();
  const auto problem = [&](int i) {
    GemmArgs one = args;
    const size_t index = static_cast<size_t>(i);
    one.a += index * strides.a;
    one.b += index * strides.b;
    one.c += index * strides.c;
    if (one.bias != nullptr) one.bias += index * strides.bias;
    return one;
  };
  int alive = count;
  if (active != nullptr)
    alive = static_cast<int>(std::count_if(active, active + count, [](unsigned char a) { return a != 0; }));

  const int threads = pool.threads();
  const double work = workOf(args);
  if (threads > 1 && alive > 1 && work * alive >= kParallelWork && (alive >= 2 * threads || work < kParallelWork)) {
    // Whole problems per thread.
    workspace.buffers->at(static_cast<size_t>(threads - 1));
    std::atomic<int> next{0};
    pool.forEach(threads, [&](int slot) {
      AlignedBuffer& scratch = workspace.buffers->perThread[static_cast<size_t>(slot)];
      for (int i = next.fetch_add(1, std::memory_order_relaxed); i < count;
           i = next.fetch_add(1, std::memory_order_relaxed)) {
        if (active == nullptr || active[i] != 0) multiplyOne(problem(i), kernels, nullptr, scratch);
      }
    });
    return;
  }
  ThreadPool* const shared = threads > 1 && work >= kParallelWork ? &pool : nullptr;
  for (int i = 0; i < count; ++i) {
    if (active == nullptr || active[i] != 0) multiplyOne(problem(i), kernels, shared, workspace.buffers->at(0));
  }
}

}  // namespace deltalab
