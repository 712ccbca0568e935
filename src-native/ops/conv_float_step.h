#pragma once

#include <vector>

#include "conv_step.h"
#include "cpu/conv.h"

namespace deltalab {

/** Conv and ConvTranspose in single precision by the kernels of cpu/conv.h; a Conv may compute the max-pool that follows it. */
class ConvStep : public Step<float> {
 public:
  ConvStep(StepSpec<float>&& spec, const ConvShape& shape, bool transposed, const Window* pool);

  void forward(Run& run) override;
  void backward(Run& run) override;

 private:
  bool hasBias() const { return inputs.size() > 2 && inputs[2]; }
  ConvRun convRun(Run& run) const;
  LaneValues<unsigned char> chosen() { return {chosen_.data(), chosen_.empty() ? 0 : output.count}; }

  ConvShape shape_;
  bool transposed_;
  Activation activation_;
  float alpha_;
  Convolution convolution_;
  /** Of a pool: which value of its window each one is. */
  std::vector<unsigned char> chosen_;
};

/** The kernels where they take the shape, plain loops otherwise. */
std::unique_ptr<Step<float>> createConvStep(StepSpec<float>&& spec, bool transposed);

}  // namespace deltalab
