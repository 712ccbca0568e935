#include <cstdio>
#include <string>

#include "core/memory.h"
#include "cpu/gemm.h"
#include "measure.h"

namespace deltalab::bench {

namespace {

constexpr int kWidths[] = {1,   2,   3,   5,   8,   10,  15,  16,  17,  24,  31,  32,  33,   48,   64,  65,
                           100, 127, 128, 129, 200, 255, 256, 257, 384, 512, 513, 784, 1000, 1024, 1025, 2048};
constexpr int kBatches[] = {1, 2, 3, 7, 8, 15, 16, 17, 31, 32, 33, 64, 65, 128, 200, 256, 512, 1024};
/** Products below this are over before the way to them is, in multiply-adds. */
constexpr double kLeastWork = 1 << 17;

struct Worst {
  double fraction = 1e9;
  std::string what;

  void see(double found, const std::string& name) {
    if (found >= fraction) return;
    fraction = found;
    what = name;
  }
  void print(const char* kind) const {
    std::printf("{\"workload\":\"sweep\",\"kind\":\"%s\",\"threads\":1,\"unit\":\"worst fraction\",\"median\":%.4g,\"at\":\"%s\"}\n",
                kind, fraction, what.c_str());
    std::fflush(stdout);
  }
};

/** op(A) is m × k, op(B) k × n. The fraction of what the peak or the memory allows, by the best of some rounds. */
double fractionOf(int m, int n, int k, bool transA, bool transB, const Limits& limits, ThreadPool& pool, Workspace& workspace) {
  const auto elements = [](int rows, int columns) { return static_cast<size_t>(rows) * static_cast<size_t>(columns); };
  // Memory as weights and values of a network have it.
  AlignedBuffer<float> a(elements(m, k)), b(elements(k, n)), c(elements(m, n));
  GemmArgs args{m, n, k, a.data(), transA ? m : k, transA, b.data(), transB ? k : n, transB, c.data(), n};
  const double operations = 2.0 * m * n * k;
  const double bytes = 4.0 * static_cast<double>(a.size() + b.size() + c.size());
  const double least = limits.least(operations, bytes);
  const int repeats = std::max(1, static_cast<int>(2e-4 / least));
  const Rounds times = timeRounds(9, [&] {
    for (int i = 0; i < repeats; ++i) gemm(args, pool, workspace);
  });
  return least * repeats / times.best();
}

void sweepDense(const Limits& limits) {
  ThreadPool pool(1);
  Workspace workspace;
  Worst forward, input, weights;
  for (int batch : kBatches) {
    Worst ofBatch;
    for (int inputs : kWidths) {
      for (int outputs : kWidths) {
        if (static_cast<double>(batch) * inputs * outputs < kLeastWork) continue;
        const std::string at = std::to_string(batch) + " x " + std::to_string(inputs) + " -> " + std::to_string(outputs);
        const double y = fractionOf(batch, outputs, inputs, false, true, limits, pool, workspace);
        const double dx = fractionOf(batch, inputs, outputs, false, false, limits, pool, workspace);
        const double dw = fractionOf(outputs, inputs, batch, true, false, limits, pool, workspace);
        forward.see(y, at);
        input.see(dx, at);
        weights.see(dw, at);
        ofBatch.see(std::min({y, dx, dw}), at + (y <= dx && y <= dw ? " forward" : dx <= dw ? " gradient of inputs" : " gradient of weights"));
      }
    }
    if (!ofBatch.what.empty()) ofBatch.print(("dense, batch " + std::to_string(batch)).c_str());
  }
  forward.print("dense, forward");
  input.print("dense, gradient of inputs");
  weights.print("dense, gradient of weights");
}

}  // namespace

void sweep(const Limits& limits) {
  sweepDense(limits);
  sweepConvolutions(limits);
}

}  // namespace deltalab::bench
