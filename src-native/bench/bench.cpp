#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <vector>

#include "core/trainer.h"
#include "peak.h"
#include "workloads.h"

// deltalab_bench [W1] … [W6]: the workloads on 1 and 2 threads, one JSON object per line.
// The ceiling is the time that the multiply-adds of the products alone would take at the processor's measured peak.

namespace deltalab::bench {

namespace {

void measure(const Workload& workload, int threads, double peak) {
  using Clock = std::chrono::steady_clock;
  constexpr int kRounds = 15;
  Trainer trainer(planOf(workload, threads));
  AdvanceLimit limit;
  limit.epochs = workload.epochs;
  trainer.advance(limit);  // warms up: caches, threads, epoch 0
  std::vector<double> seconds;
  int64_t steps = 0;
  for (int round = 0; round < kRounds; ++round) {
    const int64_t before = trainer.progress();
    const Clock::time_point start = Clock::now();
    trainer.advance(limit);
    seconds.push_back(std::chrono::duration<double>(Clock::now() - start).count());
    steps = trainer.progress() - before;
  }
  std::nth_element(seconds.begin(), seconds.begin() + kRounds / 2, seconds.end());
  const double median = seconds[kRounds / 2];
  const double samples = static_cast<double>(workload.samples) * static_cast<double>(workload.epochs) * workload.lanes;
  double figure = median * 1e3;
  if (std::strcmp(workload.unit, "updates/s") == 0) figure = static_cast<double>(steps) / median;
  if (std::strcmp(workload.unit, "samples/s") == 0) figure = samples / median;
  const double fraction = samples * operationsPerSample(workload) / peak / median;
  std::printf("{\"workload\":\"%s\",\"threads\":%d,\"unit\":\"%s\",\"median\":%.6g,\"fractionOfCeiling\":%.4g}\n",
              workload.name, threads, workload.unit, figure, fraction);
  std::fflush(stdout);
}

int run(int count, char** arguments) {
  for (int i = 1; i < count; ++i) {
    const bool known = std::any_of(workloads().begin(), workloads().end(),
                                   [&](const Workload& workload) { return std::strcmp(workload.name, arguments[i]) == 0; });
    if (!known) {
      std::fprintf(stderr, "There is no workload %s. Known: W1 to W6.\n", arguments[i]);
      return 2;
    }
  }
  for (const int threads : {1, 2}) {
    const double peak = peakFlops(threads);
    for (const Workload& workload : workloads()) {
      bool wanted = count == 1;
      for (int i = 1; i < count; ++i) wanted = wanted || std::strcmp(workload.name, arguments[i]) == 0;
      if (wanted) measure(workload, threads, peak);
    }
  }
  return 0;
}

}  // namespace

}  // namespace deltalab::bench

int main(int count, char** arguments) { return deltalab::bench::run(count, arguments); }
