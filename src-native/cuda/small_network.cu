#include "small_network.h"

#include "objective_rows.h"
#include "reducer.h"
#include "small_products.h"
#include "small_samples.h"
#include "small_weights.h"

namespace deltalab::cuda {

namespace {

/** How the gradient of a bias is summed up over the rows of a batch: as by SpreadGradient. */
struct BiasSum {
  int group, parts, partTerms;
};

struct SmallWork {
  SmallNetwork network;
  FusedWork fused;
  UpdateMemory memory;
  /** Of each layer, for a batch and for the short one at the end of an epoch. */
  BiasSum full[SmallNetwork::kMostLayers], rest[SmallNetwork::kMostLayers];
};

/** f'(u) from f(u), by a call as calledActivation. */
inline DELTALAB_CALLED __device__ float calledSlope(Activation activation, float y, float alpha) {
  return activationSlopeFromOutput(activation, y, alpha);
}

__device__ inline float withSlope(const FusedActivation& fused, float y, float dy) {
  if (fused.activation == Activation::None) return dy;
  if (fused.activation == Activation::Relu) return dy * activationSlopeFromOutput(Activation::Relu, y, 0.0F);
  return dy * calledSlope(fused.activation, y, fused.alpha);
}

/** y = f(W · x + b) for the rows of a batch. */
template <class Formula>
__device__ void forward(const SmallLayer& layer, int rows, SmallMatrix x, const Weights<Formula>& weights, float* shared) {
  const float* bias = layer.bias < 0 ? nullptr : weights.row(layer.bias);
  float* y = shared + layer.y;
  multiplyRows(rows, layer.outputs, layer.inputs, x, weights.matrix(layer.weight), [&](int row, int column, float sum) {
    y[row * layer.stride + column] = activated(layer.activation, bias ? sum + bias[column] : sum);
  });
}

/** ∂E/∂u of the layer before, of ∂E/∂u of a layer. */
template <class Formula>
__device__ void passBack(const SmallLayer& layer, const SmallLayer& before, int rows, const Weights<Formula>& weights, float* shared) {
  const float* y = shared + before.y;
  float* dy = shared + before.dy;
  int first = 0;
  const SmallSide ofLayer{shared + layer.dy, layer.stride, 1};
  multiplyFours(first, rows, layer.inputs, layer.outputs, ofLayer, weights.matrix(layer.weight), [&](int row, int column, const Together<4>& sums) {
    DELTALAB_UNROLL
    for (int i = 0; i < 4; ++i) {
      const int at = row * before.stride + column + i;
      if (column + i < layer.inputs) dy[at] = withSlope(before.activation, y[at], sums.of[i]);
    }
  });
}

/** Moves the weights of a layer by dW = dyᵀ · x. */
template <class Formula>
__device__ void moveWeight(int& first, const SmallNetwork& network, const SmallLayer& layer, int rows, SmallMatrix x, const Weights<Formula>& weights,
                           const typename Weights<Formula>::Step& step, float* shared) {
  const SmallTensor& tensor = network.tensors[layer.weight];
  if (!tensor.moves) return;
  const SmallSide ofLayer{shared + layer.dy, 1, layer.stride};
  multiplyFours(first, layer.outputs, layer.inputs, rows, ofLayer, x,
                [&](int row, int column, const Together<4>& sums) { weights.take(step, tensor, row, column, sums); });
}

/** Moves the bias of a layer by the sum of dy over the rows. */
template <class Formula>
__device__ void moveBias(int& first, const SmallNetwork& network, const SmallLayer& layer, int rows, const BiasSum& shape,
                         const Weights<Formula>& weights, const typename Weights<Formula>::Step& step, float* shared) {
  if (layer.bias < 0 || !network.tensors[layer.bias].moves) return;
  const float* dy = shared + layer.dy;
  const int count = layer.outputs * shape.group;
  // Whole warps, which exchange what their threads have.
  for (int i = (static_cast<int>(threadIdx.x) + kAll - first) % kAll; i / kWarp * kWarp < count; i += kAll) {
    const int column = i / shape.group, own = i % shape.group;
    double total = 0;
    for (int part = 0; part < shape.parts; ++part) {
      const int begin = part * shape.partTerms, end = begin + shape.partTerms < rows ? begin + shape.partTerms : rows;
      double sum = 0;
      for (int row = begin + own; column < layer.outputs && row < end; row += shape.group) {
        sum += static_cast<double>(dy[row * layer.stride + column]);
      }
      total += groupSum(sum, shape.group);
    }
    if (own == 0 && column < layer.outputs) weights.take(step, network.tensors[layer.bias], 0, column, Together<1>{{static_cast<float>(total)}});
  }
  first = (first + (count + kWarp - 1) / kWarp * kWarp) % kAll;
}

/** Loss, gradients and counts of a batch, to the tally; returns its mean loss, for thread 0. Ends with a barrier but for what that thread writes. */
__device__ double addBatch(const SmallNetwork& network, const ObjectiveWork& w, int lane, int rows, const Samples& samples, float* shared,
                           double* tally) {
  const SmallLayer& layer = network.layers[network.layerCount - 1];
  double weight = static_cast<double>(rows);
  if (w.classWeights) {
    __shared__ double passed;
    const double own = static_cast<int>(threadIdx.x) < rows ? static_cast<double>(w.classWeights[samples.classOf(static_cast<int>(threadIdx.x))]) : 0;
    const double sum = blockSum(own);
    if (threadIdx.x == 0) passed = sum;
    __syncthreads();
    weight = passed;
  }
  const double scale = 1.0 / weight;
  const auto rowAt = [&](size_t index) {
    const int row = static_cast<int>(index), at = row * layer.stride;
    return Row{shared + layer.y + at,
               shared + layer.dy + at,
               w.classes ? nullptr : samples.targets() + row * network.outputs,
               w.classes ? samples.classOf(row) : 0,
               network.outputs,
               scale};
  };
  double sum = 0, absolute = 0;
  if (w.columns <= kShortRow) addRows<1>(w, lane, static_cast<size_t>(rows), rowAt, sum, absolute);
  else addRows<32>(w, lane, static_cast<size_t>(rows), rowAt, sum, absolute);
  if (w.counted.squares) {
    for (int column = static_cast<int>(threadIdx.x) / kWarp; column < network.outputs; column += kAll / kWarp) {
      const double squares = warpSum(rows, [&](int row) {
        const double error = errorOf(w, rowAt(static_cast<size_t>(row)), column);
        return error * error;
      });
      if (threadIdx.x % kWarp == 0) tally[TallyLayout::kSums + static_cast<size_t>(column)] += squares;
    }
  }
  sum = blockSum(sum);
  if (w.counted.errors) absolute = blockSum(absolute);
  if (threadIdx.x == 0) {
    tally[0] += sum;
    tally[1] += weight;
    tally[2] += absolute;
  }
  return sum / weight;
}

/** A lane's steps. Between two barriers no thread reads what another writes. */
template <class Formula>
__global__ void __launch_bounds__(kThreads) smallNetworkKernel(const __grid_constant__ SmallWork work) {
  const SmallNetwork& network = work.network;
  const FusedWork& fused = work.fused;
  const ObjectiveWork& w = fused.objective;
  const int thread = static_cast<int>(threadIdx.x), lane = static_cast<int>(blockIdx.x);
  if (w.active[lane] == 0) return;
  float* const shared = static_cast<float*>(sharedMemory());
  for (int i = thread; i < network.floats; i += kAll) shared[i] = 0;
  __shared__ bool diverges;
  if (thread == 0) diverges = false;
  __syncthreads();

  const Weights<Formula> weights(network, work.memory, shared, lane);
  weights.load();
  double* const tally = reinterpret_cast<double*>(shared);
  double* const sums = w.sums + static_cast<size_t>(lane) * w.layout().sums();
  for (int i = thread; i < static_cast<int>(w.layout().sums()); i += kAll) tally[i] = sums[i];
  Samples samples(network, fused, shared);
  samples.begin(fused.steps);
  __syncthreads();

  const SmallLayer& lastLayer = network.layers[network.layerCount - 1];
  const size_t lanes = gridDim.x;
  unsigned long long counted = 0;
  for (size_t done = 0; done < fused.steps; ++done) {
    const int rows = samples.rows();
    samples.fetch(done + 1 < fused.steps, done + 2 < fused.steps);
    const size_t at = (fused.inRound + done) * lanes + static_cast<size_t>(lane);
    const typename Weights<Formula>::Step step{static_cast<const Formula*>(work.memory.formulas)[at], done + 1 == fused.steps};

    SmallMatrix x = samples.inputs();
    for (int i = 0; i < network.layerCount; ++i) {
      forward(network.layers[i], rows, x, weights, shared);
      __syncthreads();
      x = {shared + network.layers[i].y, network.layers[i].stride};
    }

    const double loss = addBatch(network, w, lane, rows, samples, shared, tally);
    counted += static_cast<unsigned long long>(rows);
    if (thread == 0) {
      w.batchLosses[at] = loss;
      // Nor where it is no number.
      diverges = !(loss <= *w.limit);
    }
    if (lastLayer.activation.activation != Activation::None) {
      for (int i = thread; i < rows * lastLayer.stride; i += kAll) {
        shared[lastLayer.dy + i] = withSlope(lastLayer.activation, shared[lastLayer.y + i], shared[lastLayer.dy + i]);
      }
      __syncthreads();
    }

    for (int i = network.layerCount - 1; network.layers[i].passesBack; --i) {
      passBack(network.layers[i], network.layers[i - 1], rows, weights, shared);
      __syncthreads();
    }
    if (!lastLayer.passesBack) __syncthreads();
    if (diverges) break;

    int first = 0;
    x = samples.inputs();
    for (int i = 0; i < network.layerCount; ++i) {
      const SmallLayer& layer = network.layers[i];
      moveWeight(first, network, layer, rows, x, weights, step, shared);
      moveBias(first, network, layer, rows, (rows == network.batch ? work.full : work.rest)[i], weights, step, shared);
      x = {shared + layer.y, layer.stride};
    }
    samples.turn();
    __syncthreads();
    if (weights.clips()) {
      weights.clip(step);
      __syncthreads();
    }
    if (weights.limits()) {
      weights.limit();
      __syncthreads();
    }
  }

  weights.store();
  for (int i = thread; i < static_cast<int>(w.layout().sums()); i += kAll) sums[i] = tally[i];
  if (thread != 0) return;
  w.counts[static_cast<size_t>(lane) * w.layout().counts()] += counted;
  if (diverges) w.active[lane] = 0;
}

/** Of the sums of biases over so many rows. */
void shapeBiases(const SmallNetwork& network, size_t rows, BiasSum* shapes) {
  for (int i = 0; i < network.layerCount; ++i) {
    const size_t outputs = static_cast<size_t>(network.layers[i].outputs);
    const ReductionShape shape = ReductionShape::of(outputs, rows, outputs);
    shapes[i] = {static_cast<int>(shape.group), static_cast<int>(shape.parts), static_cast<int>(shape.partTerms)};
  }
}

}  // namespace

void SmallNetworkSteps::run(const FusedWork& fused) {
  SmallWork work{network_, fused, update_.memory(), {}, {}};
  shapeBiases(network_, fused.batch, work.full);
  if (fused.count % fused.batch != 0) shapeBiases(network_, fused.count % fused.batch, work.rest);
  const dim3 grid(static_cast<unsigned>(lanes_)), block(kThreads);
  withFormula(optimizer_, [&](auto formula) {
    stream_.launchShared(smallNetworkKernel<typename decltype(formula)::Type>, grid, block, network_.bytes(), work);
  });
}

}  // namespace deltalab::cuda
