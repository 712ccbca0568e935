#include "model.h"

#include <algorithm>
#include <thread>
#include <type_traits>

#include "constant_weights.h"
#include "layout.h"

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
Model<T>::Model(Graph graph, int lanes, int threads, bool training)
    : graph_(training ? std::move(graph) : withReadableWeights(std::move(graph))),
      lanes_(lanes),
      pool_(threadCount(threads)),
      parameters_(graph_, lanes, training) {}

template <class T>
std::unique_ptr<Program<T>> Model<T>::programFor(const std::vector<Shape>& inputs, ProgramMode mode) {
  return std::make_unique<Program<T>>(arranged<T>(planGraph(graph_, inputs, lanes_, mode)), parameters_, mode);
}

template <class T>
std::unique_ptr<Program<T>> Model<T>::laneProgram(size_t batch, ProgramMode mode) {
  Shape shape = graph_.inputs[0].dims;
  shape[0] = static_cast<int64_t>(batch);
  return std::make_unique<Program<T>>(arranged<T>(planGraph(graph_, {shape}, 1, mode)), parameters_, mode);
}

template <class T>
void Model<T>::bind(Program<T>& program) {
  if (program.arenaSize() > arena_.size()) {
    arena_ = AlignedBuffer<T>(program.arenaSize());
    for (Kept& kept : kept_) kept.program->bindArena(arena_.data());
    if (passing_.program) passing_.program->bindArena(arena_.data());
  }
  program.bindArena(arena_.data());
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
  passing_ = {batch, ProgramMode::Inference, programFor({shape}, ProgramMode::Inference)};
  bind(*passing_.program);
  return *passing_.program;
}

template class Model<float>;
template class Model<double>;

}  // namespace deltalab
