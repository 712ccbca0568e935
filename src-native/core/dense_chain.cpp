#include "dense_chain.h"

#include <algorithm>

#include "../cpu/kernels/elementwise.h"
#include "../cpu/kernels/kernel_table.h"

namespace deltalab {

namespace {

/** Most weights and values of a step, in floats (64 KiB): beyond, the products of the general way are worth their calls. */
constexpr size_t kMostFloats = 16384;
/** Longer sums are cut into blocks by the general way (cpu/gemm.cpp), whose outputs are to be met to the bit. */
constexpr size_t kMostInputs = 512;
/** What it takes to add up the lanes of a vector, in vector operations. */
constexpr size_t kLanesCost = 5;

ptrdiff_t index(size_t value) { return static_cast<ptrdiff_t>(value); }

/** to[columns][toStride] = transpose of from[rows][fromStride]. */
void turn(const float* from, size_t fromStride, size_t rows, size_t columns, float* to, size_t toStride) {
  if (columns == 1 && fromStride == 1) std::copy_n(from, rows, to);
  else kernelTable().transpose(from, index(fromStride), index(rows), index(columns), to, index(toStride));
}

}  // namespace

std::unique_ptr<DenseChain> DenseChain::of(const Plan& plan, size_t rows, Parameters<float>& parameters) {
  const std::vector<DenseLayer> layers = denseLayers(plan, rows);
  const auto fits = [](const DenseLayer& layer) {
    return layer.inputs <= kMostInputs && layer.weightMoves && (layer.bias < 0 || layer.biasMoves);
  };
  if (plan.lanes != 1 || layers.empty() || !std::all_of(layers.begin(), layers.end(), fits)) return nullptr;
  std::unique_ptr<DenseChain> chain(new DenseChain(layers, rows, parameters));
  size_t floats = chain->layOut(nullptr);
  for (const Layer& layer : chain->layers_) floats += layer.outputs * (layer.inputs + 1);
  if (floats > kMostFloats) return nullptr;
  chain->prepare();
  return chain;
}

DenseChain::DenseChain(const std::vector<DenseLayer>& layers, size_t rows, Parameters<float>& parameters)
    : parameters_(parameters), layers_(layers.begin(), layers.end()), rows_(rows) {
  const size_t width = static_cast<size_t>(kernels_.width);
  samples_ = (rows + width - 1) / width * width;
}

size_t DenseChain::layOut(float* memory) {
  size_t total = 0;
  const auto take = [&](size_t count) {
    float* const place = memory ? memory + total : nullptr;
    total += alignedCount<float>(count);
    return place;
  };
  inputs_ = take(layers_.front().inputs * samples_);
  size_t between = 0;
  for (size_t i = 0; i < layers_.size(); ++i) {
    if (i > 0) between = std::max(between, rows_ * layers_[i].inputs);
    layers_[i].y = take(layers_[i].outputs * samples_);
    layers_[i].dy = take(layers_[i].outputs * samples_);
  }
  turned_ = take(between);
  const Layer& last = layers_.back();
  // A single column lies the same both ways.
  outputs_ = last.outputs == 1 ? last.y : take(rows_ * last.outputs);
  outputGradients_ = last.outputs == 1 ? last.dy : take(rows_ * last.outputs);
  return total;
}

void DenseChain::prepare() {
  memory_ = AlignedBuffer<float>(layOut(nullptr));
  layOut(memory_.data());
  const float* x = inputs_;
  float* dx = nullptr;
  for (Layer& layer : layers_) {
    const ptrdiff_t inputs = index(layer.inputs), outputs = index(layer.outputs), samples = index(samples_);
    layer.forward = {outputs, samples, inputs, nullptr, inputs, 1, x, samples, layer.y, samples, nullptr, nullptr, 0};
    layer.back = {inputs, samples, outputs, nullptr, 1, inputs, layer.dy, samples, dx, samples, nullptr, nullptr, 0};
    layer.gradient = {outputs, inputs, index(rows_), layer.dy, samples, 1, turned_, inputs, nullptr, inputs, nullptr, nullptr, 0};
    const size_t vectors = samples_ / static_cast<size_t>(kernels_.width);
    const size_t columns = (layer.inputs + static_cast<size_t>(kernels_.width) - 1) / static_cast<size_t>(kernels_.width);
    layer.narrow = layer.inputs * (vectors + kLanesCost) < columns * rows_;
    layer.sums = {outputs, layer.narrow ? inputs : 0, samples, layer.dy, x, nullptr, nullptr, nullptr, nullptr, 0};
    x = layer.y;
    dx = layer.dy;
  }
}

void DenseChain::bindLane(int lane) {
  for (Layer& layer : layers_) {
    const Parameter<float>& weight = parameters_.ofInitializer(layer.weight);
    layer.forward.a = layer.back.a = weight.values(lane);
    layer.gradient.moved = layer.sums.weights = weight.values(lane);
    layer.gradient.c = layer.sums.dw = weight.gradients(lane);
    if (layer.bias < 0) continue;
    const Parameter<float>& bias = parameters_.ofInitializer(layer.bias);
    layer.forward.bias = layer.sums.bias = bias.values(lane);
    layer.sums.db = bias.gradients(lane);
  }
}

void DenseChain::forward(const float* inputs, bool stay) {
  Layer& first = layers_.front();
  if (!stay || known_ != inputs) turn(inputs, first.inputs, rows_, first.inputs, inputs_, samples_);
  known_ = stay ? inputs : nullptr;
  first.gradient.b = inputs;
  for (const Layer& layer : layers_) {
    kernels_.product(layer.forward);
    if (layer.activation == Activation::None) continue;
    activationForward(layer.activation, layer.y, layer.y, layer.outputs * samples_, layer.alpha);
  }
  const Layer& last = layers_.back();
  if (outputs_ != last.y) turn(last.y, samples_, last.outputs, rows_, outputs_, last.outputs);
}

void DenseChain::backward(float by) {
  const Layer& last = layers_.back();
  if (outputGradients_ != last.dy) turn(outputGradients_, last.outputs, rows_, last.outputs, last.dy, samples_);
  for (size_t i = layers_.size(); i-- > 0;) {
    Layer& layer = layers_[i];
    if (layer.activation != Activation::None) {
      activationBackward(layer.activation, layer.y, layer.dy, layer.dy, layer.outputs * samples_, layer.alpha);
    }
    // Before the weights move.
    if (i > 0) kernels_.product(layer.back);
    if (!layer.narrow) {
      if (i > 0) turn(layers_[i - 1].y, samples_, layer.inputs, rows_, turned_, layer.inputs);
      layer.gradient.by = by;
      kernels_.product(layer.gradient);
    }
    if (!layer.narrow && layer.bias < 0) continue;
    layer.sums.by = by;
    kernels_.sums(layer.sums);
  }
}

}  // namespace deltalab
