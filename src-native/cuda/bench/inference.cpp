#include "core/device_kernels.h"
#include "core/model.h"
#include "measure.h"

namespace deltalab::cuda::bench {

void measureInference(const Workload& workload, const char* name, const Options& options, const Card& card) {
  const TrainPlan plan = planOf(workload, 1);
  double operations = 0, weights = 0;
  for (size_t i = 1; i < workload.sizes.size(); ++i) {
    operations += 2.0 * static_cast<double>(workload.sizes[i] * workload.sizes[i - 1]);
    weights += static_cast<double>(sizeof(float)) * static_cast<double>((workload.sizes[i - 1] + 1) * workload.sizes[i]);
  }
  for (const int64_t batch : {int64_t{1}, int64_t{1024}}) {
    const double before = usedMemory(card);
    Model<float> model(plan.graph, 1, 1, false, &card.device, card.precision);
    DeviceBuffer<float> inputs(card.device, static_cast<size_t>(batch * workload.sizes[0]));
    inputs.fill(plan.training.inputs.data());
    const auto program = model.programFor({{batch, workload.sizes[0]}}, ProgramMode::Inference);
    model.bind(*program);
    program->setInput(0, inputs.data());
    Run run{model.pool(), model.workspace(), LaneSet{}};
    const auto forward = [&] { program->forward(run); };
    // The first time loads the kernels, which must not happen while they are recorded.
    forward();
    card.device.wait();
    const auto recording = card.device.record(forward);
    int64_t repeats = 1;
    const auto round = [&] {
      for (int64_t i = 0; i < repeats; ++i) recording->replay();
      card.device.wait();
    };
    while (timeRounds(1, round).best() < options.leastSeconds) repeats *= 2;
    const Rounds times = timeRounds(options.rounds, round);
    const double runs = static_cast<double>(repeats), samples = static_cast<double>(batch) * runs;
    const double moved = runs * (weights + static_cast<double>(inputs.size() * sizeof(float)));
    printFigures(std::string(name) + "-b" + std::to_string(batch), 1, "samples/s", samples / times.median(), samples / times.median(), 0,
                 samples * operations, moved, times.median(), usedMemory(card) - before, card);
  }
}

}  // namespace deltalab::cuda::bench
