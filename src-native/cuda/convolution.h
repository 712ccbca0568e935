#pragma once

#include <memory>

#include "cpu/conv_shape.h"
#include "fused_activation.h"
#include "step.h"

namespace deltalab::cuda {

/** What becomes of sums on their way to memory. */
struct ConvEpilogue {
  /** One value per channel of the target; may be null. */
  LaneValues<const float> bias;
  FusedActivation activation;
  /** Add to what the target holds. */
  bool accumulate = false;

  __device__ void store(float sum, int lane, int channel, float* to) const {
    if (accumulate) sum += *to;
    if (bias.data) sum += bias.of(lane)[channel];
    *to = activated(activation, sum);
  }
};

/**
 * Convolutions of planar pictures, [batch][channels][depth][height][width], of all lanes at once. An element is summed up in an order that
 * follows from the shape alone.
 */
class Convolution {
 public:
  virtual ~Convolution() = default;

  /** outputs = activation(weights * inputs + bias). */
  virtual void forward(LaneValues<const float> inputs, LaneValues<const float> weights, const ConvEpilogue& epilogue,
                       LaneValues<float> outputs) const = 0;
  /** inputs = activation(the transposed convolution of the outputs + bias): the gradient of the inputs from that of the outputs. */
  virtual void transposed(LaneValues<const float> outputs, LaneValues<const float> weights, const ConvEpilogue& epilogue,
                          LaneValues<float> inputs) const = 0;
  /** The gradient of the weights; of both kinds of convolution, as the sums are the same. */
  virtual void weightGradient(LaneValues<const float> inputs, LaneValues<const float> outputs, LaneValues<float> weights,
                              bool accumulate) const = 0;
};

/** By products of tiles; `learns`: its weightGradient is asked for. */
std::unique_ptr<Convolution> makeImplicitGemm(Stream& stream, Precision precision, const ConvShape& shape, int lanes, bool learns);

/** For groups of one input channel: there is too little in common between their sums for tiles. */
bool isDepthwise(const ConvShape& shape);
std::unique_ptr<Convolution> makeDepthwise(Stream& stream, const ConvShape& shape, int lanes, bool learns);

}  // namespace deltalab::cuda
