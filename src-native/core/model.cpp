#include "model.h"

#include <algorithm>
#include <thread>
#include <type_traits>

#include "constant_weights.h"
#include "errors.h"
#include "layout.h"
#include "precision_names.h"

namespace deltalab {

int threadCount(int requested) {
  if (requested > 0) return requested;
  return std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
}

/** The kernels of pictures are those of single precision. */
template <class T>
static Plan arranged(Plan plan) {
  if constexpr (std::is_same_v<T, float>) arrangePictures(plan);
  return plan;
}

template <class T>
Model<T>::Model(Graph graph, int lanes, int threads, bool training, DeviceBackend* device, Precision precision)
    // A device answers with the bits of a training there, whose kernels read the weights as they lie.
    : graph_(training || device ? std::move(graph) : withReadableWeights(std::move(graph))),
      lanes_(lanes),
      pool_(threadCount(threads)),
      parameters_(graph_, lanes, training, device),
      device_(device),
      precision_(precision) {
  if (!device || device->has(precision)) return;
  throw EngineError("device.precision", "The graphics card has neither TF32 nor bfloat16; choose float32 or another card",
                    {{"device", std::string("cuda")}, {"precision", std::string(precisionName(precision))}, {"reason", std::string("no-tensor-cores")}});
}

template <class T>
std::unique_ptr<Program<T>> Model<T>::programFor(const std::vector<Shape>& inputs, ProgramMode mode) {
  return create(inputs, lanes_, mode);
}

template <class T>
std::unique_ptr<Program<T>> Model<T>::create(const std::vector<Shape>& inputs, int lanes, ProgramMode mode) {
  Plan plan = device_ ? planGraph(graph_, inputs, lanes, mode, Device::Cuda) : arranged<T>(planGraph(graph_, inputs, lanes, mode));
  return std::make_unique<Program<T>>(std::move(plan), parameters_, mode, device_, precision_);
}

template <class T>
std::unique_ptr<Program<T>> Model<T>::laneProgram(size_t batch, ProgramMode mode) {
  Shape shape = graph_.inputs[0].dims;
  shape[0] = static_cast<int64_t>(batch);
  return create({shape}, 1, mode);
}

template <class T>
void Model<T>::bind(Program<T>& program) {
  if (program.arenaSize() > (device_ ? deviceArena_.size() : arena_.size())) {
    if (device_) deviceArena_ = DeviceBuffer<T>(*device_, program.arenaSize());
    else arena_ = AlignedBuffer<T>(program.arenaSize());
    ++arenas_;
    for (Kept& kept : kept_) kept.program->bindArena(arena());
    if (passing_.program) passing_.program->bindArena(arena());
  }
  program.bindArena(arena());
}

template <class T>
Program<T>& Model<T>::program(size_t batch, ProgramMode mode) {
  for (Kept& kept : kept_) {
    if (kept.batch == batch && kept.mode == mode) return *kept.program;
  }
  Shape shape = graph_.inputs[0].dims;
  shape[0] = static_cast<int64_t>(batch);
  auto program = programFor({shape}, mode);
  bind(*program);
  kept_.push_back({batch, mode, std::move(program)});
  return *kept_.back().program;
}

template <class T>
Program<T>& Model<T>::passingProgram(size_t batch) {
  for (Kept& kept : kept_) {
    if (kept.batch == batch && kept.mode == ProgramMode::Inference) return *kept.program;
  }
  if (passing_.program && passing_.batch == batch) return *passing_.program;
  Shape shape = graph_.inputs[0].dims;
  shape[0] = static_cast<int64_t>(batch);
  auto program = programFor({shape}, ProgramMode::Inference);
  // Where there is no memory for it, the one before stays.
  bind(*program);
  passing_ = {batch, ProgramMode::Inference, std::move(program)};
  return *passing_.program;
}

template class Model<float>;
template class Model<double>;

}  // namespace deltalab
