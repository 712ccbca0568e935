#include <cmath>

#include "core/trainer.h"
#include "measure.h"

namespace deltalab::cuda::bench {

namespace {

/** Updates after which two trainings are compared. */
constexpr int64_t kCompared = 20;

TrainPlan planFor(Workload workload, int lanes, Precision precision) {
  workload.lanes = lanes;
  TrainPlan plan = planOf(workload, 1);
  plan.precision = precision;
  return plan;
}

size_t parametersOf(const Graph& graph) {
  size_t count = 0;
  for (const Initializer& initializer : graph.initializers) count += initializer.values.size();
  return count;
}

std::vector<uint8_t> stateAfter(int64_t steps, const Workload& workload, int lanes, const Card& card) {
  Trainer trainer(planFor(workload, lanes, card.precision), &card.device);
  AdvanceLimit limit;
  limit.steps = steps;
  trainer.advance(limit);
  return trainer.saveState();
}

}  // namespace

void countLaunches(const Workload& workload, int lanes, CudaBackend& device, Precision precision) {
  Trainer trainer(planFor(workload, lanes, precision), &device);
  AdvanceLimit limit;
  limit.steps = 1;
  // Evaluates the first weights, too.
  trainer.advance(limit);
  const size_t before = device.launches();
  trainer.advance(limit);
  std::printf("{\"workload\":\"%s\",\"lanes\":%d,\"launchesPerStep\":%zu}\n", workload.name, lanes, device.launches() - before);
  std::fflush(stdout);
}

void measureTraining(const Workload& workload, int lanes, const Options& options, const Card& card) {
  const int64_t compared = options.quick ? 2 : kCompared;
  const bool repeats = stateAfter(compared, workload, lanes, card) == stateAfter(compared, workload, lanes, card);

  TrainPlan plan = planFor(workload, lanes, card.precision);
  // The least that has to be moved: an update reads and writes every weight of every lane, and an epoch reads the samples once.
  const double weights = 2.0 * sizeof(float) * static_cast<double>(parametersOf(plan.graph) * static_cast<size_t>(lanes));
  const double samples = static_cast<double>(sizeof(float) * plan.training.inputs.size());
  const double before = usedMemory(card);
  Trainer trainer(std::move(plan), &card.device);
  AdvanceLimit limit;
  limit.epochs = 1;
  const auto round = [&] { trainer.advance(limit); };
  round();
  // Until rounds are long enough to be timed, which warms up as well.
  for (double seconds = 0; (seconds = timeRounds(1, round).best()) < options.leastSeconds;) {
    *limit.epochs = std::max(*limit.epochs + 1, static_cast<int64_t>(std::ceil(*limit.epochs * options.leastSeconds / std::max(seconds, 1e-6))));
  }
  const int64_t first = trainer.progress();
  const Rounds times = timeRounds(options.rounds, round);
  const double updates = static_cast<double>(trainer.progress() - first) / options.rounds;
  const double epochs = static_cast<double>(*limit.epochs);
  const double trained = epochs * static_cast<double>(workload.samples) * lanes;
  const double updatesPerSecond = updates / times.median(), samplesPerSecond = trained / times.median();
  const bool countsUpdates = std::string(workload.unit) == "updates/s";
  printFigures(workload.name, lanes, workload.unit, countsUpdates ? updatesPerSecond : samplesPerSecond, samplesPerSecond, updatesPerSecond,
               trained * operationsPerSample(workload), updates * weights + epochs * samples, times.median(), usedMemory(card) - before, card,
               std::string(",\"path\":\"") + (trainer.fusesSteps() ? "small network" : "single steps") + "\",\"repeats\":" + (repeats ? "true" : "false"));
}

}  // namespace deltalab::cuda::bench
