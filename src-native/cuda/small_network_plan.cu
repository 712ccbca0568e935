#include <algorithm>

#include "backend.h"
#include "core/model.h"
#include "core/update_layout.h"
#include "optimizers/optimizer.h"
#include "small_network.h"

namespace deltalab::cuda {

namespace {

/** Values of a layer, and rows of a batch, at most. */
constexpr size_t kMostWidth = 128;
constexpr size_t kMostRows = kThreads;
/** Multiply-adds of a step, at most: beyond, several processors of the card are worth the kernels. An estimate, not a measurement. */
constexpr size_t kMostWork = size_t{1} << 21;
/** Shared memory that kernels declare by themselves, and what the card keeps of a block's. */
constexpr size_t kReserved = 2048;

int toInt(size_t value) { return static_cast<int>(value); }

/** Rows of four neighbours each lie an odd number of fours apart: eight threads that read their row's next four meet no bank twice. */
int strideOf(size_t columns) {
  const size_t fours = (columns + 3) / 4;
  return toInt(4 * (fours + (fours % 2 == 0 ? 1 : 0)));
}

size_t workOf(const std::vector<DenseLayer>& layers, size_t rows) {
  size_t weights = 0;
  for (const DenseLayer& layer : layers) weights += layer.inputs * layer.outputs;
  return 3 * weights * rows;
}

/** Most values that the optimizer remembers of a weight, whatever its settings. */
size_t mostSlots(OptimizerKind optimizer) {
  LaneSettings settings;
  settings.momentum = 0.5;
  settings.amsgrad = settings.centered = true;
  return optimizerOf(optimizer).slots(settings);
}

}  // namespace

std::optional<SmallNetwork> layOutSmallNetwork(const std::vector<DenseLayer>& layers, size_t rows, Model<float>& model, const UpdateLayout& layout,
                                               size_t slots) {
  SmallNetwork network{};
  if (layers.empty() || layers.size() > SmallNetwork::kMostLayers || rows > kMostRows || workOf(layers, rows) > kMostWork) return std::nullopt;
  for (const DenseLayer& layer : layers) {
    if (layer.inputs > kMostWidth || layer.outputs > kMostWidth) return std::nullopt;
  }
  network.batch = toInt(rows);
  network.inputs = toInt(layers.front().inputs);
  network.outputs = toInt(layers.back().outputs);
  network.layerCount = toInt(layers.size());

  const auto add = [&](int parameter, size_t height, size_t width, bool moves) {
    const Parameter<float>& values = model.parameters().ofInitializer(parameter);
    SmallTensor tensor{};
    tensor.place = network.weights;
    tensor.rows = toInt(height);
    tensor.columns = toInt(width);
    tensor.stride = strideOf(width);
    tensor.moves = moves;
    tensor.values = values.values(0);
    tensor.lane = values.storage.laneStride;
    tensor.gradients = values.gradients(0);
    network.weights += tensor.rows * tensor.stride;
    network.tensors[network.tensorCount] = tensor;
    return network.tensorCount++;
  };
  std::vector<int> places(model.parameters().all().size(), -1);
  const auto place = [&](bool moves) {
    for (const DenseLayer& layer : layers) {
      if (layer.weightMoves == moves) places[static_cast<size_t>(layer.weight)] = add(layer.weight, layer.outputs, layer.inputs, moves);
      if (layer.bias >= 0 && layer.biasMoves == moves) places[static_cast<size_t>(layer.bias)] = add(layer.bias, 1, layer.outputs, moves);
    }
  };
  place(true);
  const size_t moving = static_cast<size_t>(network.tensorCount);
  place(false);
  if (moving != layout.trained.size()) return std::nullopt;
  // In the order in which their norms are added up.
  SmallTensor inOrder[SmallNetwork::kMostTensors];
  for (size_t i = 0; i < moving; ++i) {
    const TrainedParameter& trained = layout.trained[i];
    int& at = places[trained.parameter];
    if (at < 0 || !network.tensors[at].moves) return std::nullopt;
    inOrder[i] = network.tensors[at];
    inOrder[i].hasUnits = trained.units.has_value();
    inOrder[i].slots = trained.offset;
    inOrder[i].slotStride = alignedCount<float>(model.parameters().all()[trained.parameter].count * layout.lanes);
    at = toInt(i);
  }
  std::copy_n(inOrder, moving, network.tensors);

  int total = 0;
  const auto take = [&](int floats) {
    const int begin = total;
    total += (floats + 3) / 4 * 4;
    return begin;
  };
  take(2 * toInt(TallyLayout::kSums + layers.back().outputs));
  network.sources = take(2 * 2 * network.batch);
  network.firstWeight = take(network.weights * toInt(1 + slots));
  network.inputStride = strideOf(layers.front().inputs);
  network.samples = take(2 * network.batch * network.inputStride);
  network.targets = take(2 * network.batch * network.outputs);
  network.classes = take(2 * network.batch);
  bool learns = false;
  for (size_t i = 0; i < layers.size(); ++i) {
    const DenseLayer& from = layers[i];
    SmallLayer& layer = network.layers[i];
    layer.inputs = toInt(from.inputs);
    layer.outputs = toInt(from.outputs);
    layer.weight = places[static_cast<size_t>(from.weight)];
    layer.bias = from.bias < 0 ? -1 : places[static_cast<size_t>(from.bias)];
    layer.activation = {from.activation, from.alpha};
    layer.stride = strideOf(from.outputs);
    layer.y = take(network.batch * layer.stride);
    layer.dy = take(network.batch * layer.stride);
    layer.passesBack = learns;
    learns = learns || from.weightMoves || from.biasMoves;
  }
  network.floats = total;
  return network;
}

std::unique_ptr<DeviceFusedSteps> CudaBackend::createFusedSteps(Model<float>& model, const Plan& plan, size_t rows, OptimizerKind optimizer,
                                                                const UpdateLayout& layout, DeviceUpdate& update) {
  // Its sums are those of single precision: a network of another precision is trained in what was asked for, step after step.
  if (!fuses_ || model.precision() != Precision::Float32) return nullptr;
  const std::vector<DenseLayer> layers = denseLayers(plan, rows);
  // Whether it fits must not depend on what other lanes remember.
  const auto largest = layOutSmallNetwork(layers, rows, model, layout, mostSlots(optimizer));
  if (!largest || largest->bytes() + kReserved > stream_.mostShared()) return nullptr;
  const SmallNetwork network = *layOutSmallNetwork(layers, rows, model, layout, layout.slots);
  return std::make_unique<SmallNetworkSteps>(stream_, network, optimizer, layout.lanes, static_cast<const CardUpdate&>(update));
}

}  // namespace deltalab::cuda
