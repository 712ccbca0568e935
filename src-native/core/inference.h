#pragma once

#include <memory>
#include <vector>

#include "model.h"
#include "training.h"

namespace deltalab {

// `device`: where it is computed, with the operators and the bits of a training there; null: on the processor. One caller of a device at a time.
// `precision`: that of the training, as for a Model.

/**
 * A graph that is run again and again: weights are laid out once, and what is planned for inputs of some shapes is kept for the next
 * inputs of these. One caller at a time.
 */
class Session {
 public:
  /** threads: 0 chooses the number of processors. */
  Session(Graph graph, int threads, std::shared_ptr<DeviceBackend> device = nullptr, Precision precision = Precision::Float32);

  /** `inputs` by name, float only; the result has the graph's outputs in order. */
  std::vector<NamedTensor> run(const std::vector<NamedTensor>& inputs);

 private:
  struct Kept {
    std::vector<Shape> shapes;
    std::unique_ptr<Program<float>> program;
    /** On a device: what the inputs are copied to. */
    std::vector<DeviceBuffer<float>> inputs;
  };

  Kept& keptFor(std::vector<Shape> shapes);

  std::shared_ptr<DeviceBackend> device_;
  Model<float> model_;
  /** The last used first. */
  std::vector<Kept> kept_;
};

/** Runs the graph forward once; see Session::run. */
std::vector<NamedTensor> infer(const Graph& graph, const std::vector<NamedTensor>& inputs, int threads,
                               std::shared_ptr<DeviceBackend> device = nullptr, Precision precision = Precision::Float32);

struct GradientReport {
  double loss = 0;
  /** Of every trainable initializer; zero where the loss does not depend on it. */
  std::vector<NamedTensor> gradients;
};

/** Loss and gradients at the graph's weights, computed in T, on a device in float only, and given back as float32. */
template <class T>
GradientReport gradientsOf(const Graph& graph, const std::vector<NamedTensor>& inputs, const std::vector<float>& targets,
                           const std::vector<int64_t>& classes, const Shape& targetShape, LossKind loss, int threads,
                           const LossOptions& options = {}, DeviceBackend* device = nullptr, Precision precision = Precision::Float32);

extern template GradientReport gradientsOf<float>(const Graph&, const std::vector<NamedTensor>&, const std::vector<float>&,
                                                  const std::vector<int64_t>&, const Shape&, LossKind, int, const LossOptions&, DeviceBackend*,
                                                Precision);
extern template GradientReport gradientsOf<double>(const Graph&, const std::vector<NamedTensor>&, const std::vector<float>&,
                                                   const std::vector<int64_t>&, const Shape&, LossKind, int, const LossOptions&, DeviceBackend*,
                                                 Precision);

}  // namespace deltalab
