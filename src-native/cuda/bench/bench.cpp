#include <cstdio>
#include <cstdlib>

#include "../blas.h"
#include "../library/cards.h"
#include "core/precision_names.h"
#include "measure.h"

// deltalab_card_bench [W2 … W7] [--precision float32|tf32|bf16] [--digits FOLDER] [--rounds N] [--quick] [--launches]: one JSON object per line;
// without names all of W2 to W7, W2 with 1 and 64, W3 with 1, 8, 64 and 256 learning rates at once. The workloads are those of deltalab_bench. The
// first line is the card with its ceilings of that precision, and whether there is cuBLASLt, which DELTALAB_CUBLASLT=off leaves out. --quick tries
// whether it works, in rounds far too short for figures to be true. --launches measures nothing: it counts what a step asks for, which is as true of
// an emulated card.

namespace deltalab::cuda::bench {

double usedMemory(const Card& card) {
  const CardInfo info = listCards()[static_cast<size_t>(card.number)];
  return info.memoryTotal - info.memoryFree;
}

void printFigures(const std::string& workload, int lanes, const char* unit, double median, double samples, double updates, double work, double moved,
                  double seconds, double memory, const Card& card, const std::string& more) {
  std::printf("{\"workload\":\"%s\",\"lanes\":%d,\"unit\":\"%s\",\"median\":%.6g,\"samplesPerSecond\":%.6g,\"updatesPerSecond\":%.6g,"
              "\"precision\":\"%s\",\"fractionOfCeiling\":%.4g,\"binds\":\"%s\",\"deviceMemoryMiB\":%.4g%s}\n",
              workload.c_str(), lanes, unit, median, samples, updates, precisionName(card.precision), card.ceiling.least(work, moved) / seconds,
              card.ceiling.bindsBandwidth(work, moved) ? "bandwidth" : "FLOPs", memory / (1 << 20), more.c_str());
  std::fflush(stdout);
}

namespace {

struct Job {
  const char* workload;
  int lanes;
};
constexpr Job kTrainings[] = {{"W2", 1}, {"W2", 64}, {"W3", 1}, {"W3", 8}, {"W3", 64}, {"W3", 256}, {"W4", 1}, {"W5", 8}, {"W6", 1}};
constexpr const char* kInference = "W7";
constexpr const char* kNames[] = {"W2", "W3", "W4", "W5", "W6", kInference};

const Workload& find(const std::string& name) {
  const std::vector<Workload>& all = deltalab::bench::workloads();
  return *std::find_if(all.begin(), all.end(), [&](const Workload& one) { return name == one.name; });
}

int usage() {
  std::fprintf(stderr, "deltalab_card_bench [W2] [W3] [W4] [W5] [W6] [W7] [--precision float32|tf32|bf16] [--digits FOLDER] [--rounds N] [--quick]"
                       " [--launches]\n");
  return 2;
}

int run(int count, char** arguments) {
  Options options;
  std::vector<std::string> names;
  std::string digits;
  bool counts = false;
  Precision precision = Precision::Float32;
  for (int i = 1; i < count; ++i) {
    const std::string argument = arguments[i];
    if (std::find(std::begin(kNames), std::end(kNames), argument) != std::end(kNames)) names.push_back(argument);
    else if (argument == "--precision" && i + 1 < count) {
      if (!findPrecision(arguments[++i], precision)) return usage();
    } else if (argument == "--digits" && i + 1 < count) digits = arguments[++i];
    else if (argument == "--rounds" && i + 1 < count) options.rounds = std::atoi(arguments[++i]);
    else if (argument == "--quick") options.quick = true;
    else if (argument == "--launches") counts = true;
    else return usage();
  }
  if (options.rounds < 1) return usage();
  if (options.quick) options.leastSeconds = 0;
  const auto wants = [&](const std::string& name) { return names.empty() || std::find(names.begin(), names.end(), name) != names.end(); };

  constexpr int kCard = 0;
  const CardInfo info = listCards().at(kCard);
  const auto device = openCard(kCard);
  if (!device->has(precision)) {
    std::printf("{\"skipped\":\"the card has no %s\"}\n", precisionName(precision));
    return 0;
  }
  for (const Job& job : kTrainings) {
    if (counts && wants(job.workload)) countLaunches(find(job.workload), job.lanes, *device, precision);
  }
  if (counts) return 0;
  const Card card{kCard, *device, precision, measureCeiling(kCard, precision, options.quick)};
  const bool hasBlas = Stream(kCard).blas() != nullptr;
  std::printf("{\"card\":\"%s\",\"driver\":\"%s\",\"quick\":%s,\"precision\":\"%s\",\"cuBlasLt\":%s,\"%s\":%.4g,\"copyGigabytesPerSecond\":%.4g}\n",
              info.name.c_str(), info.driver.c_str(), options.quick ? "true" : "false", precisionName(precision), hasBlas ? "true" : "false",
              precision == Precision::Float32 ? "fmaTeraFlops" : "tensorTeraFlops",
              card.ceiling.operations / 1e12, card.ceiling.bytes / 1e9);
  std::fflush(stdout);
  for (const Job& job : kTrainings) {
    if (wants(job.workload)) measureTraining(find(job.workload), job.lanes, options, card);
  }
  if (wants(kInference)) measureInference(find("W3"), kInference, options, card);
  if (!digits.empty()) measureDigits(find("W4"), digits, card);
  return 0;
}

}  // namespace

}  // namespace deltalab::cuda::bench

int main(int count, char** arguments) {
  try {
    return deltalab::cuda::bench::run(count, arguments);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}
