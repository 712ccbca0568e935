#pragma once

#include <memory>
#include <vector>

#include "program.h"

namespace deltalab {

/** A graph with the weights of its lanes and its programs, one per batch size and mode, all over one arena. */
template <class T>
class Model {
 public:
  /**
   * threads: 0 chooses the number of processors. `device`: where it lives, if not in the memory of the processor; must outlive it. Throws
   * 'device.precision' where that device does not have it; the processor has Float32 only, whatever is asked for.
   */
  Model(Graph graph, int lanes, int threads, bool training, DeviceBackend* device = nullptr, Precision precision = Precision::Float32);

  const Graph& graph() const { return graph_; }
  /** The graph, as it was given; the model is of no use without it. */
  Graph release() { return std::move(graph_); }
  int lanes() const { return lanes_; }
  Parameters<T>& parameters() { return parameters_; }
  const Parameters<T>& parameters() const { return parameters_; }
  ThreadPool& pool() { return pool_; }
  Workspace& workspace() { return workspace_; }
  /** Null: it lives in the memory of the processor. */
  DeviceBackend* device() const { return device_; }
  Precision precision() const { return precision_; }
  /** Grows whenever programs have got other memory. */
  size_t arenas() const { return arenas_; }

  /** A program that is kept. Makes it on the first call: not for use inside a step. */
  Program<T>& program(size_t batch, ProgramMode mode);
  /** A program that is kept until the next call of this. */
  Program<T>& passingProgram(size_t batch);
  /** A program that runs one lane at a time (Program::bindLane), owned by the caller, who also gives it memory. */
  std::unique_ptr<Program<T>> laneProgram(size_t batch, ProgramMode mode);
  /** A program for inputs of any shapes, owned by the caller but living in this model's arena. */
  std::unique_ptr<Program<T>> programFor(const std::vector<Shape>& inputs, ProgramMode mode);
  /** Gives a program memory; others keep theirs valid. */
  void bind(Program<T>& program);

  /** Elements of one row of the first input. */
  size_t inputRow() const { return elementCount(graph_.inputs[0].dims, 1); }

 private:
  std::unique_ptr<Program<T>> create(const std::vector<Shape>& inputs, int lanes, ProgramMode mode);

  T* arena() { return device_ ? deviceArena_.data() : arena_.data(); }

  struct Kept {
    size_t batch;
    ProgramMode mode;
    std::unique_ptr<Program<T>> program;
  };

  Graph graph_;
  int lanes_;
  ThreadPool pool_;
  Workspace workspace_;
  Parameters<T> parameters_;
  std::vector<Kept> kept_;
  Kept passing_{0, ProgramMode::Inference, nullptr};
  DeviceBackend* device_;
  Precision precision_;
  size_t arenas_ = 0;
  AlignedBuffer<T> arena_;
  DeviceBuffer<T> deviceArena_;
};

extern template class Model<float>;
extern template class Model<double>;

/** 0 becomes the number of processors. */
int threadCount(int requested);

}  // namespace deltalab
