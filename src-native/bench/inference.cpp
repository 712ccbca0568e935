#include <cstdio>

#include "core/model.h"
#include "measure.h"

namespace deltalab::bench {

void measureInference(const Workload& workload, const char* name, int threads, int rounds, double peak) {
  TrainPlan plan = planOf(workload, threads);
  double operations = 0;
  for (size_t i = 1; i < workload.sizes.size(); ++i) {
    operations += 2.0 * static_cast<double>(workload.sizes[i] * workload.sizes[i - 1]);
  }
  Model<float> model(plan.graph, 1, threads, false);
  for (const int64_t batch : {int64_t{1}, int64_t{1024}}) {
    const auto program = model.programFor({{batch, workload.sizes[0]}}, ProgramMode::Inference);
    model.bind(*program);
    program->setInput(0, plan.training.inputs.data());
    Run run{model.pool(), model.workspace(), LaneSet{}};
    // Rounds of some milliseconds.
    const int64_t repeats = std::max<int64_t>(1, 2048 / batch);
    const Rounds times = timeRounds(rounds, [&] {
      for (int64_t i = 0; i < repeats; ++i) program->forward(run);
    });
    const double samples = static_cast<double>(batch * repeats);
    std::printf(
        "{\"workload\":\"%s-b%d\",\"threads\":%d,\"unit\":\"samples/s\",\"median\":%.6g,\"best\":%.6g,"
        "\"fractionOfCeiling\":%.4g,\"bestFractionOfCeiling\":%.4g,\"peakMemoryMiB\":%.4g}\n",
        name, static_cast<int>(batch), threads, samples / times.median(), samples / times.best(),
        samples * operations / peak / times.median(), samples * operations / peak / times.best(), peakMemory());
    std::fflush(stdout);
  }
}

}  // namespace deltalab::bench
