#include "gemm.h"

#include "gemm_product.h"

namespace deltalab {
namespace {

/** On the calling thread, and on the pool's when it is given. */
void multiply(const GemmArgs& args, const KernelTable& kernels, ThreadPool* pool, Scratch& scratch) {
  const GemmWay& way = wayOf(args, kernels);
  const Index floats = way.memory(args, kernels, pool != nullptr ? pool->threads() : 1);
  way.multiply(args, kernels, pool, floats > 0 ? scratch.shared(static_cast<size_t>(floats)) : nullptr);
}

}  // namespace

void gemm(const GemmArgs& args, ThreadPool& pool, Workspace& workspace) {
  if (args.m <= 0 || args.n <= 0) return;
  const bool parallel = pool.threads() > 1 && workOf(args) >= kParallelWork;
  multiply(args, kernelTable(), parallel ? &pool : nullptr, workspace.products);
}

void gemmBatched(const GemmArgs& args, int count, GemmStrides strides, const unsigned char* active, ThreadPool& pool,
                 Workspace& workspace) {
  if (args.m <= 0 || args.n <= 0 || count <= 0) return;
  const KernelTable& kernels = kernelTable();
  const auto problem = [&](size_t index) {
    GemmArgs one = args;
    one.a += index * strides.a;
    one.b += index * strides.b;
    one.c += index * strides.c;
    if (one.bias != nullptr) one.bias += index * strides.bias;
    return one;
  };
  const auto takesPart = [&](size_t i) { return active == nullptr || active[i] != 0; };
  int alive = 0;
  for (int i = 0; i < count; ++i) alive += takesPart(static_cast<size_t>(i));

  const int threads = pool.threads();
  const double work = workOf(args);
  if (threads > 1 && alive > 1 && work * alive >= kParallelWork && (alive >= 2 * threads || work < kParallelWork)) {
    // Whole problems per thread.
    const GemmWay& way = wayOf(args, kernels);
    const size_t floats = static_cast<size_t>(way.memory(args, kernels, 1));
    workspace.products.forEachTask(pool, true, static_cast<size_t>(count), floats, [&](size_t i, float* memory) {
      if (takesPart(i)) way.multiply(problem(i), kernels, nullptr, memory);
    });
    return;
  }
  ThreadPool* const shared = threads > 1 && work >= kParallelWork ? &pool : nullptr;
  for (size_t i = 0; i < static_cast<size_t>(count); ++i) {
    if (takesPart(i)) multiply(problem(i), kernels, shared, workspace.products);
  }
}

}  // namespace deltalab
