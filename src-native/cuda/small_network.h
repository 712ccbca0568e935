#pragma once

#include <optional>

#include "core/dense_layers.h"
#include "core/device_kernels.h"
#include "fused_activation.h"
#include "update.h"

// A small network of dense layers, whose weights, with what the optimizer remembers, and values of a batch fit into the shared memory of a block:
// one block a lane does all steps of a round, and reads nothing of the card's memory but the samples.

namespace deltalab {
template <class T>
class Model;
}

namespace deltalab::cuda {

/** A weight or a bias [rows][columns]: in shared memory, where rows lie `stride` floats apart, and in the card's. */
struct SmallTensor {
  /** Of the weights, in floats; slots lie SmallNetwork::weights floats apart. */
  int place, rows, columns, stride;
  bool moves;
  /** Rows are units whose norm may be limited. */
  bool hasUnits;
  /** Of lane 0, which others follow by `lane` values, but gradients and slots by rows · columns. */
  float* values;
  size_t lane;
  float* gradients;
  /** Of what is remembered, in UpdateMemory::state, and between slots. */
  size_t slots, slotStride;
};

struct SmallLayer {
  int inputs, outputs;
  /** In SmallNetwork::tensors; no bias: -1. */
  int weight, bias;
  FusedActivation activation;
  /** Floats between rows of the outputs, and their place and that of their gradients. */
  int stride, y, dy;
  /** Layers before have something to learn. */
  bool passesBack;
};

/** What is where in the shared memory of a block. Places count floats from its beginning, unless something else is said. */
struct SmallNetwork {
  static constexpr int kMostLayers = 8;
  static constexpr int kMostTensors = 2 * kMostLayers;

  /** Rows of a batch, inputs and outputs of a row. */
  int batch, inputs, outputs;
  int layerCount, tensorCount;
  SmallLayer layers[kMostLayers];
  /** Those that move come first, in the order of UpdateLayout::trained. */
  SmallTensor tensors[kMostTensors];
  /** Values of all tensors, rows filled up: a slot begins so many floats after the one before. */
  int weights;
  /** At 0 in doubles: sums of the tally. In int64: rows of the split that the samples of two batches come from. */
  int sources;
  int firstWeight;
  /** Samples of two batches: inputs, whose rows lie inputStride floats apart, target values, and classes as int. */
  int samples, inputStride, targets, classes;
  /** All of it. */
  int floats;

  size_t bytes() const { return static_cast<size_t>(floats) * sizeof(float); }
};

/** The network of these layers for batches of `rows`, with so many values remembered of each weight; nothing where it is too large for kernels. */
std::optional<SmallNetwork> layOutSmallNetwork(const std::vector<DenseLayer>& layers, size_t rows, Model<float>& model, const UpdateLayout& layout,
                                               size_t slots);

class SmallNetworkSteps final : public DeviceFusedSteps {
 public:
  SmallNetworkSteps(Stream& stream, const SmallNetwork& network, OptimizerKind optimizer, size_t lanes, const CardUpdate& update)
      : stream_(stream), network_(network), optimizer_(optimizer), lanes_(lanes), update_(update) {}
  void run(const FusedWork& work) override;

 private:
  Stream& stream_;
  SmallNetwork network_;
  OptimizerKind optimizer_;
  size_t lanes_;
  const CardUpdate& update_;
};

}  // namespace deltalab::cuda
