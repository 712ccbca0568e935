#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

#include "measure.h"
#include "peak.h"

// deltalab_bench [W1 … W7] [W3N] [W6N] [LSTM] [GRU] [RNN] [sweep] [growth] [--threads N] [--rounds N]: one JSON object per line; without
// names all of W1 to W7.
// The ceiling is the time that the multiply-adds of the products alone would take at the processor's measured peak.

namespace deltalab::bench {

namespace {

constexpr const char* kInference = "W7";

struct Options {
  std::vector<std::string> names;
  std::vector<int> threads{1, 2};
  int rounds = 15;

  bool wants(const char* name) const {
    return names.empty() || std::find(names.begin(), names.end(), name) != names.end();
  }
  bool asksFor(const char* name) const { return !names.empty() && wants(name); }
};

const Workload* find(const std::string& name) {
  for (const Workload& workload : workloads()) {
    if (name == workload.name) return &workload;
  }
  return nullptr;
}

/** False, with a message, when the arguments make no sense. */
bool parse(int count, char** arguments, Options& options) {
  for (int i = 1; i < count; ++i) {
    const std::string argument = arguments[i];
    if (argument == "--threads" || argument == "--rounds") {
      const int value = i + 1 < count ? std::atoi(arguments[++i]) : 0;
      if (value < 1 || value > 1024) {
        std::fprintf(stderr, "%s needs a number from 1 to 1024.\n", argument.c_str());
        return false;
      }
      if (argument == "--threads") options.threads = {value};
      else options.rounds = value;
    } else if (find(argument) || argument == kInference || argument == "sweep" || argument == "growth") {
      options.names.push_back(argument);
    } else {
      std::fprintf(stderr, "There is no workload %s. Known: W1 to W7, W3N, W6N, LSTM, GRU, RNN, sweep, growth.\n", argument.c_str());
      return false;
    }
  }
  return true;
}

int run(int count, char** arguments) {
  Options options;
  if (!parse(count, arguments, options)) return 2;
  for (const int threads : options.threads) {
    const double peak = peakFlops(threads);
    for (const Workload& workload : workloads()) {
      const bool measured = workload.extra ? options.asksFor(workload.name) : options.wants(workload.name);
      if (measured) measureTraining(workload, threads, options.rounds, peak);
    }
    if (options.wants(kInference)) measureInference(*find("W3"), kInference, threads, options.rounds, peak);
    for (const char* name : {"W2", "W3"}) {
      if (options.asksFor("growth")) measureGrowth(*find(name), threads);
    }
  }
  if (options.asksFor("sweep")) sweep(Limits());
  return 0;
}

}  // namespace

}  // namespace deltalab::bench

int main(int count, char** arguments) { return deltalab::bench::run(count, arguments); }
