#pragma once

#include <memory>
#include <vector>

#include "../cpu/kernels/dense_kernels.h"
#include "dense_layers.h"
#include "memory.h"
#include "parameters.h"

namespace deltalab {

/**
 * A step of a small network that is nothing but fully connected layers, one after another. Its weights and the values of a batch stay in
 * the first-level cache, where a product takes less time than the general way to it: here everything is laid out beforehand, and a step is
 * a few calls of kernels. Samples lie along the vectors (values are [features][samples]), so that layers of any width fill them, and
 * weights are read and moved where they lie. Which network takes this way follows from its plan alone. Nothing is allocated by a step.
 */
class DenseChain {
 public:
  /** For a plan of one lane and so many rows, in the mode Training. Null where the plan is anything else than a small chain. */
  static std::unique_ptr<DenseChain> of(const Plan& plan, size_t rows, Parameters<float>& parameters);

  /** The lane of the parameters that the following calls are about. */
  void bindLane(int lane);
  /** `inputs`: [rows][features]. Where they `stay`, the same address means the same values in every call. */
  void forward(const float* inputs, bool stay);
  /** [rows][columns], as are their gradients, which the loss writes between forward and backward. */
  const float* outputs() const { return outputs_; }
  float* outputGradients() { return outputGradients_; }
  /** Gradients into the buffers of the parameters. Where `by` is not 0, every weight is moved by so many times its gradient at once. */
  void backward(float by);

 private:
  struct Layer : DenseLayer {
    explicit Layer(const DenseLayer& layer) : DenseLayer(layer) {}
    /** y = W · x + b */
    DenseProduct forward{};
    /** dx = Wᵀ · dy */
    DenseProduct back{};
    /** dW = dy · xᵀ, unless the layer is narrow. */
    DenseProduct gradient{};
    /** db, and dW of a narrow layer. */
    DenseSums sums{};
    bool narrow = false;
    float* y = nullptr;
    float* dy = nullptr;
  };

  DenseChain(const std::vector<DenseLayer>& layers, size_t rows, Parameters<float>& parameters);
  /** Values of a step, in floats; with `memory` also gives each its place there. */
  size_t layOut(float* memory);
  void prepare();

  const DenseKernels& kernels_ = denseKernels();
  Parameters<float>& parameters_;
  std::vector<Layer> layers_;
  size_t rows_;
  /** Places of a feature: the rows, filled up to whole vectors. */
  size_t samples_;
  AlignedBuffer<float> memory_;
  /** [features][samples] of the inputs, and [rows][features] of the values between two layers: of one pair at a time. */
  float* inputs_ = nullptr;
  float* turned_ = nullptr;
  float* outputs_ = nullptr;
  float* outputGradients_ = nullptr;
  /** Where the inputs came from that are in `inputs_` now, if they stay there. */
  const float* known_ = nullptr;
};

}  // namespace deltalab
