#include "small_network.h"

#include "objective_rows.h"
#include "reducer.h"
#include "small_products.h"
#include "sums.h"

namespace deltalab::cuda {

namespace {

constexpr int kAll = static_cast<int>(kThreads);
constexpr int kWarp = 32;

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

/** Sum over a group of neighbouring threads of a warp, for the first of them; group: a power of two. All threads of the warp come here. */
__device__ inline double groupSum(double value, int group) {
  for (int half = group / 2; half > 0; half /= 2) value += __shfl_down_sync(0xffffffffu, value, static_cast<unsigned>(half));
  return value;
}

/** What blockSum makes of at most kThreads terms, one a thread, by a warp: f(term). For its first thread. */
template <class F>
__device__ double warpSum(int terms, const F& f) {
  const int own = static_cast<int>(threadIdx.x) % kWarp;
  double sum = 0;
  for (int begin = 0; begin < terms; begin += kWarp) sum += groupSum(begin + own < terms ? f(begin + own) : 0.0, kWarp);
  return sum;
}

/** Samples of the batch of a step and of the next, which are fetched while the step is done. */
class Samples {
 public:
  __device__ Samples(const SmallNetwork& network, const FusedWork& work, float* shared)
      : network_(network),
        work_(work),
        sources_(reinterpret_cast<int64_t*>(shared + network.sources)),
        inputs_(shared + network.samples),
        targets_(shared + network.targets),
        classes_(reinterpret_cast<int*>(shared + network.classes)),
        columns_(network.inputs + (work.from.values ? network.outputs : 0)),
        position_(work.position) {
    DELTALAB_UNROLL
    for (int i = 0; i < kHeld; ++i) place(static_cast<int>(threadIdx.x) + i * kAll, rows_[i], at_[i]);
  }

  __device__ int rows() const { return rowsFrom(position_); }
  __device__ SmallMatrix inputs() const { return {inputs_ + buffer_ * network_.batch * network_.inputStride, network_.inputStride}; }
  __device__ const float* targets() const { return targets_ + buffer_ * network_.batch * network_.outputs; }
  __device__ int classOf(int row) const { return classes_[buffer_ * network_.batch + row]; }

  /** The first batch, and where the next one lies. Barriers before and after it are the caller's. */
  __device__ void begin(size_t steps) {
    const int thread = static_cast<int>(threadIdx.x);
    if (thread < rows()) sourcesOf(0)[thread] = sourceAt(position_ + static_cast<size_t>(thread));
    __syncthreads();
    for (int i = thread; i < rows() * columns_; i += kAll) copy(0, i);
    if (work_.from.classes && thread < rows()) classes_[thread] = static_cast<int>(work_.from.classes[sourcesOf(0)[thread]]);
    const size_t next = position_ + static_cast<size_t>(rows());
    if (steps > 1 && thread < rowsFrom(next)) sourcesOf(1)[thread] = sourceAt(next + static_cast<size_t>(thread));
  }

  /** Asks for the samples of the next batch, and for the places of the one after it: what takes long must not be waited for at once. */
  __device__ void fetch(bool hasNext, bool hasAfter) {
    const int thread = static_cast<int>(threadIdx.x);
    const size_t next = position_ + static_cast<size_t>(rows());
    next_ = hasNext ? rowsFrom(next) : 0;
    const int64_t* sources = sourcesOf(1 - buffer_);
    DELTALAB_UNROLL
    for (int i = 0; i < kHeld; ++i) {
      if (rows_[i] < next_) held_[i] = valueAt(sources[rows_[i]], at_[i]);
    }
    if (work_.from.classes && thread < next_) heldClass_ = work_.from.classes[sources[thread]];
    const size_t after = next + static_cast<size_t>(next_);
    after_ = hasAfter ? rowsFrom(after) : 0;
    if (thread < after_) heldSource_ = sourceAt(after + static_cast<size_t>(thread));
  }

  /** What was asked for, to its place. A barrier is needed before it is read. */
  __device__ void turn() {
    const int thread = static_cast<int>(threadIdx.x);
    position_ += static_cast<size_t>(rows());
    const int to = 1 - buffer_;
    DELTALAB_UNROLL
    for (int i = 0; i < kHeld; ++i) {
      if (rows_[i] < next_) *placeOf(to, rows_[i], at_[i]) = held_[i];
    }
    for (int i = thread + kHeld * kAll; i < next_ * columns_; i += kAll) copy(to, i);
    if (work_.from.classes && thread < next_) classes_[to * network_.batch + thread] = static_cast<int>(heldClass_);
    if (thread < after_) sourcesOf(buffer_)[thread] = heldSource_;
    buffer_ = to;
  }

 private:
  /** Values that a thread holds; of a larger batch the others are fetched at the end of a step. */
  static constexpr int kHeld = 4;

  __device__ int rowsFrom(size_t position) const {
    const size_t left = work_.count - position, batch = static_cast<size_t>(network_.batch);
    return static_cast<int>(left < batch ? left : batch);
  }
  __device__ int64_t sourceAt(size_t at) const { return work_.order ? work_.order[at] : static_cast<int64_t>(at); }
  __device__ int64_t* sourcesOf(int buffer) const { return sources_ + buffer * network_.batch; }
  __device__ void place(int i, int& row, int& at) const {
    row = i / columns_;
    at = i - row * columns_;
  }
  /** Target values follow the inputs of a row. */
  __device__ float valueAt(int64_t source, int at) const {
    const size_t row = static_cast<size_t>(source);
    if (at < network_.inputs) return work_.from.inputs[row * static_cast<size_t>(network_.inputs) + static_cast<size_t>(at)];
    return work_.from.values[row * static_cast<size_t>(network_.outputs) + static_cast<size_t>(at - network_.inputs)];
  }
  __device__ float* placeOf(int buffer, int row, int at) const {
    if (at < network_.inputs) return inputs_ + (buffer * network_.batch + row) * network_.inputStride + at;
    return targets_ + (buffer * network_.batch + row) * network_.outputs + (at - network_.inputs);
  }
  __device__ void copy(int buffer, int i) const {
    int row, at;
    place(i, row, at);
    *placeOf(buffer, row, at) = valueAt(sourcesOf(buffer)[row], at);
  }

  const SmallNetwork& network_;
  const FusedWork& work_;
  int64_t* sources_;
  float* inputs_;
  float* targets_;
  int* classes_;
  /** Values of a sample. */
  int columns_;
  size_t position_;
  int buffer_ = 0;
  int rows_[kHeld], at_[kHeld];
  float held_[kHeld] = {};
  int64_t heldClass_ = 0, heldSource_ = 0;
  int next_ = 0, after_ = 0;
};

/** The weights of a lane, and what moves them. */
template <class Formula>
class Weights {
 public:
  __device__ Weights(const SmallNetwork& network, const UpdateMemory& memory, float* shared, int lane)
      : network_(network),
        weights_(shared + network.firstWeight),
        memory_(memory),
        lane_(static_cast<size_t>(lane)),
        slots_(static_cast<int>(memory.slots)),
        penalties_(memory.penalties[lane]) {}

  __device__ SmallMatrix matrix(int tensor) const { return {weights_ + network_.tensors[tensor].place, network_.tensors[tensor].stride}; }
  __device__ const float* row(int tensor) const { return weights_ + network_.tensors[tensor].place; }

  __device__ void load() const {
    eachValue([&](const SmallTensor& tensor, size_t i, float* weight) {
      *weight = tensor.values[lane_ * tensor.lane + i];
      for (int slot = 0; tensor.moves && slot < slots_; ++slot) weight[(slot + 1) * network_.weights] = *slotOf(tensor, slot, i);
    });
  }
  __device__ void store() const {
    eachValue([&](const SmallTensor& tensor, size_t i, float* weight) {
      if (!tensor.moves) return;
      tensor.values[lane_ * tensor.lane + i] = *weight;
      for (int slot = 0; slot < slots_; ++slot) *slotOf(tensor, slot, i) = weight[(slot + 1) * network_.weights];
    });
  }

  struct Step {
    Formula formula;
    /** Directions are wanted, too. */
    bool last;
  };

  /** Gradients of neighbours in a row, the last of which may be beyond it: moves the weights, unless the norm of all has to be known before. */
  template <int count>
  __device__ void take(const Step& step, const SmallTensor& tensor, int row, int column, const Together<count>& gradients) const {
    const int at = tensor.place + row * tensor.stride + column;
    const Together<count> weights = *reinterpret_cast<const Together<count>*>(weights_ + at);
    Together<count> penalisedOnes;
    DELTALAB_UNROLL
    for (int i = 0; i < count; ++i) penalisedOnes.of[i] = penalised(penalties_, weights.of[i], gradients.of[i]);
    if (penalties_.clipNorm != 0) give(tensor, row, column, penalisedOnes);
    else move(step, tensor, row, column, weights, penalisedOnes);
  }

  /** Where the lane clips by norm: moves the weights by the gradients that were given away. A barrier must have followed them. */
  __device__ void clip(const Step& step) const {
    if (penalties_.clipNorm == 0) return;
    __shared__ float shared;
    const double scale = clipScale(penalties_.clipNorm, sumOfSquares());
    if (threadIdx.x == 0) shared = scale >= 1 ? 1.0F : static_cast<float>(scale);
    __syncthreads();
    const float by = shared;
    eachValue([&](const SmallTensor& tensor, size_t i, float* weight) {
      if (!tensor.moves) return;
      const int row = static_cast<int>(i) / tensor.columns;
      const Together<1> gradient{{tensor.gradients[lane_ * countOf(tensor) + i] * by}};
      move(step, tensor, row, static_cast<int>(i) - row * tensor.columns, Together<1>{{*weight}}, gradient);
    });
  }

  /** Limits the norms of units (limitNorms), a warp each, where the lane does. Barriers before and after it are the caller's. */
  __device__ void limit() const {
    const double largest = penalties_.maxNorm;
    const int own = static_cast<int>(threadIdx.x) % kWarp;
    for (int index = 0; largest != 0 && index < network_.tensorCount; ++index) {
      const SmallTensor& tensor = network_.tensors[index];
      if (!tensor.moves || !tensor.hasUnits) continue;
      for (int unit = static_cast<int>(threadIdx.x) / kWarp; unit < tensor.rows; unit += kAll / kWarp) {
        float* weights = weights_ + tensor.place + unit * tensor.stride;
        const double sum = warpSum(tensor.columns, [&](int i) { return static_cast<double>(weights[i]) * static_cast<double>(weights[i]); });
        const double norm = std::sqrt(__shfl_sync(0xffffffffu, sum, 0));
        if (!(norm > largest)) continue;
        const float scale = static_cast<float>(largest / norm);
        for (int i = own; i < tensor.columns; i += kWarp) weights[i] *= scale;
      }
    }
  }
  __device__ bool limits() const { return penalties_.maxNorm != 0; }
  __device__ bool clips() const { return penalties_.clipNorm != 0; }

 private:
  __device__ static size_t countOf(const SmallTensor& tensor) { return static_cast<size_t>(tensor.rows) * static_cast<size_t>(tensor.columns); }
  __device__ float* slotOf(const SmallTensor& tensor, int slot, size_t i) const {
    return memory_.state + tensor.slots + static_cast<size_t>(slot) * tensor.slotStride + lane_ * countOf(tensor) + i;
  }
  /** f(tensor, i, place) for all values, i by i. */
  template <class F>
  __device__ void eachValue(const F& f) const {
    for (int index = 0; index < network_.tensorCount; ++index) {
      const SmallTensor& tensor = network_.tensors[index];
      const int count = tensor.rows * tensor.columns;
      for (int i = static_cast<int>(threadIdx.x); i < count; i += kAll) {
        const int row = i / tensor.columns;
        f(tensor, static_cast<size_t>(i), weights_ + tensor.place + row * tensor.stride + (i - row * tensor.columns));
      }
    }
  }

  /** To the memory of the card, where directions are looked for. */
  template <int count>
  __device__ void give(const SmallTensor& tensor, int row, int column, const Together<count>& gradients) const {
    float* to = tensor.gradients + lane_ * countOf(tensor) + static_cast<size_t>(row * tensor.columns + column);
    DELTALAB_UNROLL
    for (int i = 0; i < count; ++i) {
      if (column + i < tensor.columns) to[i] = gradients.of[i];
    }
  }

  template <int count>
  __device__ void move(const Step& step, const SmallTensor& tensor, int row, int column, Together<count> weights, Together<count> gradients) const {
    using Some = Together<count>;
    float* at = weights_ + tensor.place + row * tensor.stride + column;
    Some slots[kMostSlots] = {};
    DELTALAB_UNROLL
    for (int slot = 0; slot < static_cast<int>(kMostSlots); ++slot) {
      if (slot < slots_) slots[slot] = *reinterpret_cast<const Some*>(at + (slot + 1) * network_.weights);
    }
    DELTALAB_UNROLL
    for (int i = 0; i < count; ++i) {
      if (column + i < tensor.columns) step.formula.updateValue(weights.of[i], gradients.of[i], slots[0].of[i], slots[1].of[i], slots[2].of[i]);
    }
    *reinterpret_cast<Some*>(at) = weights;
    DELTALAB_UNROLL
    for (int slot = 0; slot < static_cast<int>(kMostSlots); ++slot) {
      if (slot < slots_) *reinterpret_cast<Some*>(at + (slot + 1) * network_.weights) = slots[slot];
    }
    if (step.last) give(tensor, row, column, gradients);
  }

  /** Of all gradients, by the chunks of the general way, for thread 0. */
  __device__ double sumOfSquares() const {
    __shared__ double passed;
    double own = 0;
    int chunk = 0;
    for (int index = 0; index < network_.tensorCount && network_.tensors[index].moves; ++index) {
      const SmallTensor& tensor = network_.tensors[index];
      const float* gradients = tensor.gradients + lane_ * countOf(tensor);
      for (size_t begin = 0; begin < countOf(tensor); begin += kChunk, ++chunk) {
        const size_t end = begin + kChunk < countOf(tensor) ? begin + kChunk : countOf(tensor);
        double sum = 0;
        for (size_t i = begin + threadIdx.x; i < end; i += kThreads) sum += static_cast<double>(gradients[i]) * static_cast<double>(gradients[i]);
        sum = blockSum(sum);
        if (threadIdx.x == 0) passed = sum;
        __syncthreads();
        if (static_cast<int>(threadIdx.x) == chunk % kAll) own += passed;
      }
    }
    return blockSum(own);
  }

  const SmallNetwork& network_;
  float* weights_;
  const UpdateMemory& memory_;
  size_t lane_;
  int slots_;
  LanePenalties penalties_;
};

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
