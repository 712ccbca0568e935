#include <cstdio>
#include <cstring>

#include "core/trainer.h"
#include "measure.h"

#if defined(__unix__) || defined(__APPLE__)
#include <sys/resource.h>
#endif

namespace deltalab::bench {

namespace {

using Clock = std::chrono::steady_clock;

double secondsSince(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

double epochSeconds(Workload workload, size_t times, int threads) {
  workload.samples *= times;
  Trainer trainer(planOf(workload, threads));
  AdvanceLimit limit;
  limit.epochs = 1;
  trainer.advance(limit);
  return timeRounds(3, [&] { trainer.advance(limit); }).best();
}

}  // namespace

double peakMemory() {
#if defined(__unix__) || defined(__APPLE__)
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
#if defined(__APPLE__)
  return static_cast<double>(usage.ru_maxrss) / (1 << 20);
#else
  return static_cast<double>(usage.ru_maxrss) / (1 << 10);
#endif
#else
  return 0;
#endif
}

void measureTraining(const Workload& workload, int threads, int rounds, double peak) {
  TrainPlan plan = planOf(workload, threads);
  const Clock::time_point start = Clock::now();
  Trainer trainer(std::move(plan));
  AdvanceLimit limit;
  limit.steps = 1;
  trainer.advance(limit);
  const double firstStep = secondsSince(start);

  limit = {};
  limit.epochs = workload.epochs;
  trainer.advance(limit);  // warms up
  const int64_t before = trainer.progress();
  const Rounds times = timeRounds(rounds, [&] { trainer.advance(limit); });
  const double steps = static_cast<double>(trainer.progress() - before) / rounds;
  const double samples = static_cast<double>(workload.samples) * static_cast<double>(workload.epochs) * workload.lanes;
  const auto figure = [&](double seconds) {
    if (std::strcmp(workload.unit, "updates/s") == 0) return steps / seconds;
    if (std::strcmp(workload.unit, "samples/s") == 0) return samples / seconds;
    return seconds * 1e3;
  };
  std::printf(
      "{\"workload\":\"%s\",\"threads\":%d,\"unit\":\"%s\",\"median\":%.6g,\"best\":%.6g,\"fractionOfCeiling\":%.4g,"
      "\"bestFractionOfCeiling\":%.4g,\"firstStepMs\":%.4g,\"peakMemoryMiB\":%.4g}\n",
      workload.name, threads, workload.unit, figure(times.median()), figure(times.best()),
      samples * operationsPerSample(workload) / peak / times.median(),
      samples * operationsPerSample(workload) / peak / times.best(), firstStep * 1e3, peakMemory());
  std::fflush(stdout);
}

void measureGrowth(const Workload& workload, int threads) {
  const double one = epochSeconds(workload, 1, threads), ten = epochSeconds(workload, 10, threads);
  std::printf("{\"workload\":\"%s\",\"threads\":%d,\"unit\":\"times the epoch of a tenth of the data\",\"median\":%.4g}\n",
              workload.name, threads, ten / one);
  std::fflush(stdout);
}

}  // namespace deltalab::bench
