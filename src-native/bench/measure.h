#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

#include "peak.h"
#include "workloads.h"

namespace deltalab::bench {

/** Seconds of each round, sorted. */
struct Rounds {
  std::vector<double> seconds;

  double median() const { return seconds[seconds.size() / 2]; }
  double best() const { return seconds.front(); }
};

template <class F>
Rounds timeRounds(int rounds, F&& f) {
  using Clock = std::chrono::steady_clock;
  Rounds result;
  for (int i = 0; i < rounds; ++i) {
    const Clock::time_point start = Clock::now();
    f();
    result.seconds.push_back(std::chrono::duration<double>(Clock::now() - start).count());
  }
  std::sort(result.seconds.begin(), result.seconds.end());
  return result;
}

/** Prints a line for the training of a workload; `peak` in operations a second. */
void measureTraining(const Workload& workload, int threads, int rounds, double peak);
/** Prints a line for each size of batch of the inference of the network of `workload`: samples a second. */
void measureInference(const Workload& workload, const char* name, int threads, int rounds, double peak);
/** Training of a workload with the samples given and ten times as many: prints how the time of an epoch grows. */
void measureGrowth(const Workload& workload, int threads);
/** Dense layers of every width and batch, and convolutions: prints the worst of each kind. */
void sweep(const Limits& limits);
/** Forward, gradient of inputs and gradient of weights of convolutions of many sizes: prints the worst and the middle of each kind. */
void sweepConvolutions(const Limits& limits);

/** The most memory this process has held, in MiB; 0 where the system does not tell. */
double peakMemory();

}  // namespace deltalab::bench
