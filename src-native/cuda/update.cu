#include <algorithm>
#include <vector>

#include "backend.h"
#include "core/update_layout.h"
#include "device_memory.h"
#include "sums.h"
#include "update.h"

// The update of all weights of all lanes, by one kernel whatever their number. A block takes a chunk of one parameter of one lane.

namespace deltalab::cuda {

namespace {

/** A trained parameter: [lanes][count], and [slots][lanes][count] of what is remembered of it. */
struct Tensor {
  float* weights;
  float* gradients;
  size_t count;
  float* slots;
  size_t slotStride;
  UnitLayout units;
};

struct Chunk {
  size_t tensor, begin, end;
};

/** What flows into one output unit. */
struct Unit {
  size_t tensor, index;
};

struct Work {
  const Tensor* tensors;
  const Chunk* chunks;
  const LanePenalties* penalties;
  const unsigned char* active;
};

/** Penalises the gradients of lanes that clip by norm: squares[lane][chunk] becomes the sum of their squares. */
__global__ void __launch_bounds__(kThreads) squaresKernel(Work work, double* squares) {
  const size_t lane = blockIdx.y;
  const LanePenalties penalties = work.penalties[lane];
  if (!work.active[lane] || penalties.clipNorm == 0) return;
  const Chunk chunk = work.chunks[blockIdx.x];
  const Tensor& tensor = work.tensors[chunk.tensor];
  const float* weights = tensor.weights + lane * tensor.count;
  float* gradients = tensor.gradients + lane * tensor.count;
  double sum = 0;
  for (size_t i = chunk.begin + threadIdx.x; i < chunk.end; i += kThreads) {
    const float gradient = penalised(penalties, weights[i], gradients[i]);
    gradients[i] = gradient;
    sum += static_cast<double>(gradient) * static_cast<double>(gradient);
  }
  sum = blockSum(sum);
  if (threadIdx.x == 0) squares[lane * gridDim.x + blockIdx.x] = sum;
}

/** scales[lane]: by what its gradients are multiplied. */
__global__ void __launch_bounds__(kThreads) scaleKernel(Work work, size_t chunks, const double* squares, float* scales) {
  const size_t lane = blockIdx.x;
  const double limit = work.penalties[lane].clipNorm;
  if (!work.active[lane] || limit == 0) return;
  double sum = 0;
  for (size_t i = threadIdx.x; i < chunks; i += kThreads) sum += squares[lane * chunks + i];
  sum = blockSum(sum);
  if (threadIdx.x != 0) return;
  const double scale = clipScale(limit, sum);
  scales[lane] = scale >= 1 ? 1.0F : static_cast<float>(scale);
}

/** `formulas` [steps][lanes]; `scales` [lanes] is read for lanes that clip by norm, whose gradients are penalised already. */
template <class Formula>
__global__ void __launch_bounds__(kThreads)
    updateKernel(Work work, const Formula* formulas, const DeviceCursor* cursor, size_t slots, const float* scales) {
  const size_t lane = blockIdx.y;
  if (!work.active[lane]) return;
  const Formula formula = formulas[cursor->now.inRound * gridDim.y + lane];
  const LanePenalties penalties = work.penalties[lane];
  const bool clips = penalties.clipNorm != 0;
  const float scale = clips ? scales[lane] : 1.0F;
  const Chunk chunk = work.chunks[blockIdx.x];
  const Tensor tensor = work.tensors[chunk.tensor];
  for (size_t i = chunk.begin + threadIdx.x; i < chunk.end; i += kThreads) {
    const size_t at = lane * tensor.count + i;
    float weight = tensor.weights[at];
    float gradient = tensor.gradients[at];
    float remembered[kMostSlots] = {};
    for (size_t slot = 0; slot < kMostSlots; ++slot) {
      if (slot < slots) remembered[slot] = tensor.slots[slot * tensor.slotStride + at];
    }
    gradient = clips ? gradient * scale : penalised(penalties, weight, gradient);
    formula.updateValue(weight, gradient, remembered[0], remembered[1], remembered[2]);
    tensor.weights[at] = weight;
    tensor.gradients[at] = gradient;
    for (size_t slot = 0; slot < kMostSlots; ++slot) {
      if (slot < slots) tensor.slots[slot * tensor.slotStride + at] = remembered[slot];
    }
  }
}

/** limitNorms of one unit of one lane. */
__global__ void __launch_bounds__(kThreads) limitKernel(Work work, const Unit* units) {
  const size_t lane = blockIdx.y;
  const double largest = work.penalties[lane].maxNorm;
  if (!work.active[lane] || largest == 0) return;
  const Unit unit = units[blockIdx.x];
  const Tensor tensor = work.tensors[unit.tensor];
  const UnitLayout layout = tensor.units;
  const size_t terms = layout.outer * layout.inner;
  float* weights = tensor.weights + lane * tensor.count + unit.index * layout.inner;
  const auto place = [&](size_t term) {
    const size_t outer = quotient(term, layout.inner);
    return outer * layout.units * layout.inner + (term - outer * layout.inner);
  };
  double sum = 0;
  for (size_t term = threadIdx.x; term < terms; term += kThreads) {
    const double value = static_cast<double>(weights[place(term)]);
    sum += value * value;
  }
  sum = blockSum(sum);
  __shared__ double norm;
  if (threadIdx.x == 0) norm = std::sqrt(sum);
  __syncthreads();
  if (!(norm > largest)) return;
  const float scale = static_cast<float>(largest / norm);
  for (size_t term = threadIdx.x; term < terms; term += kThreads) weights[place(term)] *= scale;
}

template <class Formula>
class Update final : public CardUpdate {
 public:
  Update(Stream& stream, Model<float>& model, const UpdateLayout& layout)
      : stream_(stream),
        lanes_(layout.lanes),
        slots_(layout.slots),
        stateSize_(layout.stateSize),
        state_(stream, layout.stateSize),
        penalties_(stream, layout.lanes),
        formulas_(stream, std::max(kMostUpdates, layout.lanes)) {
    std::vector<Tensor> tensors;
    std::vector<Chunk> chunks;
    for (const TrainedParameter& trained : layout.trained) {
      const Parameter<float>& parameter = model.parameters().all()[trained.parameter];
      for (size_t begin = 0; begin < parameter.count; begin += kChunk) {
        chunks.push_back({tensors.size(), begin, std::min(begin + kChunk, parameter.count)});
      }
      for (size_t index = 0; trained.units && index < trained.units->units; ++index) unitsOf_.push_back({tensors.size(), index});
      tensors.push_back({parameter.values(0), parameter.gradients(0), parameter.count, state_.data() + trained.offset,
                         alignedCount<float>(parameter.count * lanes_), trained.units.value_or(UnitLayout{})});
    }
    chunkCount_ = chunks.size();
    tensors_ = DeviceMemory<Tensor>(stream, tensors);
    chunks_ = DeviceMemory<Chunk>(stream, chunks);
    squares_ = DeviceMemory<double>(stream, lanes_ * chunkCount_);
    scales_ = DeviceMemory<float>(stream, lanes_);
    units_ = DeviceMemory<Unit>(stream, unitsOf_);
    // What was copied must last until it is done.
    stream.wait();
  }

  bool prepare(const LanePenalties* penalties, const UpdateStep* updates, size_t steps) override {
    std::vector<Formula> formulas;
    formulas.reserve(steps * lanes_);
    for (size_t i = 0; i < steps * lanes_; ++i) formulas.emplace_back(updates[i]);
    stream_.copyTo(formulas_.data(), formulas.data(), formulas.size() * sizeof(Formula));
    stream_.copyTo(penalties_.data(), penalties, lanes_ * sizeof(LanePenalties));
    const LanePenalties* end = penalties + lanes_;
    const bool clips = std::any_of(penalties, end, [](const LanePenalties& lane) { return lane.clipNorm != 0; });
    const bool limits = !unitsOf_.empty() && std::any_of(penalties, end, [](const LanePenalties& lane) { return lane.maxNorm != 0; });
    stream_.wait();
    const bool other = clips != clips_ || limits != limits_;
    clips_ = clips;
    limits_ = limits;
    return other;
  }

  void run(const unsigned char* active, const DeviceCursor* cursor) override {
    if (chunkCount_ == 0) return;
    const Work work{tensors_.data(), chunks_.data(), penalties_.data(), active};
    const unsigned lanes = static_cast<unsigned>(lanes_);
    const dim3 grid(static_cast<unsigned>(chunkCount_), lanes), block(kThreads);
    if (clips_) {
      stream_.launch(squaresKernel, grid, block, work, squares_.data());
      stream_.launch(scaleKernel, dim3(lanes), block, work, chunkCount_, squares_.data(), scales_.data());
    }
    stream_.launchFlat(updateKernel<Formula>, grid, block, work, formulas_.data(), cursor, slots_, clips_ ? scales_.data() : nullptr);
    if (limits_) stream_.launch(limitKernel, dim3(static_cast<unsigned>(unitsOf_.size()), lanes), block, work, units_.data());
  }

  UpdateMemory memory() const override { return {penalties_.data(), formulas_.data(), state_.data(), slots_}; }

  void save(float* state) const override {
    if (stateSize_ != 0) stream_.copyFrom(state, state_.data(), stateSize_ * sizeof(float));
  }
  void restore(const float* state) override {
    if (stateSize_ == 0) return;
    stream_.copyTo(state_.data(), state, stateSize_ * sizeof(float));
    stream_.wait();
  }

 private:
  Stream& stream_;
  size_t lanes_, slots_, stateSize_, chunkCount_ = 0;
  DeviceMemory<float> state_;
  DeviceMemory<LanePenalties> penalties_;
  DeviceMemory<Tensor> tensors_;
  DeviceMemory<Chunk> chunks_;
  /** [steps][lanes] of the round. */
  DeviceMemory<Formula> formulas_;
  /** Of clipping by norm: [lanes][chunks] and [lanes]. */
  bool clips_ = false;
  DeviceMemory<double> squares_;
  DeviceMemory<float> scales_;
  /** Of limited norms. */
  bool limits_ = false;
  std::vector<Unit> unitsOf_;
  DeviceMemory<Unit> units_;
};

}  // namespace

std::unique_ptr<DeviceUpdate> CudaBackend::createUpdate(Model<float>& model, OptimizerKind optimizer, const UpdateLayout& layout) {
  return withFormula(optimizer, [&](auto formula) -> std::unique_ptr<DeviceUpdate> {
    return std::make_unique<Update<typename decltype(formula)::Type>>(stream_, model, layout);
  });
}

}  // namespace deltalab::cuda
