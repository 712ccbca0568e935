#include "ops/pool_step.h"

#include "device_window.h"
#include "reducer.h"
#include "steps.h"

namespace deltalab::cuda {

namespace {

/** Taps up to which a thread looks at all of a window; beyond, a block does. */
constexpr int kFewTaps = 64;

/** A value of a window and its place in the plane; -1: none. */
struct Candidate {
  float value;
  int at;

  /** Whether it is chosen rather than `other`: NaN, and the last of them, over all; the larger value; the first of equal ones. */
  __device__ bool beats(const Candidate& other) const {
    if (at < 0 || other.at < 0) return at >= 0;
    if (std::isnan(value)) return !std::isnan(other.value) || at > other.at;
    if (std::isnan(other.value)) return false;
    return value > other.value || (value == other.value && at < other.at);
  }
};

__device__ inline Candidate nothing() { return {-INFINITY, -1}; }

/** That of the threads of a block which beats all others, for thread 0. */
__device__ inline Candidate bestOfBlock(Candidate own) {
  __shared__ Candidate warps[kThreads / 32];
  for (unsigned delta = 16; delta > 0; delta /= 2) {
    const Candidate other{__shfl_down_sync(0xffffffffu, own.value, delta), __shfl_down_sync(0xffffffffu, own.at, delta)};
    if (other.beats(own)) own = other;
  }
  if (threadIdx.x % 32 == 0) warps[threadIdx.x / 32] = own;
  __syncthreads();
  if (threadIdx.x == 0) {
    for (unsigned i = 1; i < kThreads / 32; ++i) {
      if (warps[i].beats(own)) own = warps[i];
    }
  }
  return own;
}

struct Maxima {
  DeviceWindow window;
  bool columnMajor;
  LaneValues<const float> x;
  LaneValues<float> y;
  /** Of every output, the place of its value in the plane of the input; null where nobody asks. */
  LaneValues<int> chosen;
  /** That of ONNX, counted over all planes; null where nobody asks. */
  LaneValues<float> places;

  __device__ const float* plane(int lane, size_t i) const { return x.of(lane) + static_cast<int>(i) / window.outputs() * window.inputs(); }

  /** A thread a window. */
  __device__ void operator()(int lane, size_t i) const {
    const float* from = plane(lane, i);
    Candidate best = nothing();
    window.forEachInput(static_cast<int>(i) % window.outputs(), [&](int input, int) {
      const Candidate next{from[input], input};
      if (next.beats(best)) best = next;
    });
    store(lane, i, best);
  }

  __device__ void store(int lane, size_t i, const Candidate& best) const {
    y.of(lane)[i] = best.value;
    if (chosen.data) chosen.of(lane)[i] = best.at;
    if (places.data) places.of(lane)[i] = static_cast<float>(static_cast<int>(i) / window.outputs() * window.inputs() + placeOf(best.at));
  }

  /** What ONNX calls the index of a value: row by row, or column by column (storage_order 1). */
  __device__ int placeOf(int at) const {
    if (at < 0) return 0;
    if (!columnMajor) return at;
    const int column = at % window.input[2], row = at / window.input[2] % window.input[1], layer = at / window.input[2] / window.input[1];
    return (column * window.input[1] + row) * window.input[0] + layer;
  }
};

/** A block a window. */
__global__ void largeMaximaKernel(Maxima f) {
  const size_t i = blockIdx.x;
  const int lane = static_cast<int>(blockIdx.y), point = static_cast<int>(i) % f.window.outputs(), taps = f.window.taps();
  const float* from = f.plane(lane, i);
  Candidate best = nothing();
  for (int tap = static_cast<int>(threadIdx.x); tap < taps; tap += static_cast<int>(kThreads)) {
    const int input = f.window.inputAt(point, tap);
    if (input < 0) continue;
    const Candidate next{from[input], input};
    if (next.beats(best)) best = next;
  }
  best = bestOfBlock(best);
  if (threadIdx.x == 0) f.store(lane, i, best);
}

/** An input gets what came to the windows that chose it. */
struct MaximaSlopes {
  DeviceWindow window;
  LaneValues<const float> dy;
  LaneValues<const int> chosen;
  LaneValues<float> dx;
  bool accumulate;

  __device__ void operator()(int lane, size_t i) const {
    const int plane = static_cast<int>(i) / window.inputs(), point = static_cast<int>(i) % window.inputs();
    const float* given = dy.of(lane) + plane * window.outputs();
    const int* places = chosen.of(lane) + plane * window.outputs();
    float* to = dx.of(lane) + i;
    float sum = accumulate ? *to : 0.0F;
    window.forEachWindow(point, [&](int output, int) {
      if (places[output] == point) sum += given[output];
    });
    *to = sum;
  }
};

class MaxPoolStep final : public DeviceStep {
 public:
  MaxPoolStep(StepSpec<float>&& spec, Stream& stream, const Window& window)
      : DeviceStep(std::move(spec), stream), window_(window), columnMajor_(spec.context.integer("storage_order", 0) != 0) {
    checkCount(inputs[0].count);
    checkCount(output.count);
    if (spec.mode != ProgramMode::Inference && inputs[0].needsGradient) {
      chosen_ = DeviceMemory<int>(stream, static_cast<size_t>(lanes) * output.count);
    }
  }

  void forward(Run&) override {
    Maxima maxima{window_, columnMajor_, valuesOf(inputs[0]), resultOf(output), {chosen_.data(), output.count}, {}};
    if (outputs.size() > 1 && outputs[1]) maxima.places = resultOf(outputs[1]);
    if (window_.taps() <= kFewTaps) return forEachElement(stream_, lanes, output.count, maxima);
    stream_.launch(largeMaximaKernel, dim3(static_cast<unsigned>(output.count), static_cast<unsigned>(lanes)), dim3(kThreads), maxima);
  }

  void backward(Run&) override {
    const Operand<float>& x = inputs[0];
    if (!x.needsGradient) return;
    forEachElement(stream_, lanes, x.count, MaximaSlopes{window_, givenTo(output), {chosen_.data(), output.count}, gradientOf(x), x.accumulate});
  }

 private:
  DeviceWindow window_;
  bool columnMajor_;
  DeviceMemory<int> chosen_;
};

struct Means {
  DeviceWindow window;
  const float* scales;
  LaneValues<const float> x;
  LaneValues<float> y;

  __device__ const float* plane(int lane, size_t i) const { return x.of(lane) + static_cast<int>(i) / window.outputs() * window.inputs(); }
  __device__ float scale(size_t i) const { return scales[static_cast<int>(i) % window.outputs()]; }

  /** A thread a window. */
  __device__ void operator()(int lane, size_t i) const {
    const float* from = plane(lane, i);
    float sum = 0;
    window.forEachInput(static_cast<int>(i) % window.outputs(), [&](int input, int) { sum += from[input]; });
    y.of(lane)[i] = sum * scale(i);
  }

  /** Or a sum over the taps of each. */
  __device__ Sums<1> term(int lane, size_t i, size_t tap) const {
    const int input = window.inputAt(static_cast<int>(i) % window.outputs(), static_cast<int>(tap));
    return {{input < 0 ? 0.0 : static_cast<double>(plane(lane, i)[input])}};
  }
  __device__ void store(int lane, size_t i, const Sums<1>& sums) const { y.of(lane)[i] = static_cast<float>(sums.of[0]) * scale(i); }
};

/** An input gets its share from every window that it is in. */
struct MeansSlopes {
  DeviceWindow window;
  const float* scales;
  LaneValues<const float> dy;
  LaneValues<float> dx;
  bool accumulate;

  __device__ void operator()(int lane, size_t i) const {
    const int plane = static_cast<int>(i) / window.inputs(), point = static_cast<int>(i) % window.inputs();
    const float* given = dy.of(lane) + plane * window.outputs();
    float* to = dx.of(lane) + i;
    float sum = accumulate ? *to : 0.0F;
    window.forEachWindow(point, [&](int output, int) { sum += given[output] * scales[output]; });
    *to = sum;
  }
};

class AveragePoolStep final : public DeviceStep {
 public:
  AveragePoolStep(StepSpec<float>&& spec, Stream& stream, const Window& window)
      : DeviceStep(std::move(spec), stream),
        window_(window),
        scales_(stream, windowScales<float>(window, spec.context.integer("count_include_pad", 0) != 0)) {
    checkCount(inputs[0].count);
    checkCount(output.count);
    const size_t taps = static_cast<size_t>(window_.taps());
    if (window_.taps() > kFewTaps) sums_ = Reducer<Sums<1>>(stream, lanes, ReductionShape::of(output.count, taps, 1));
  }

  void forward(Run&) override {
    const Means means{window_, scales_.data(), valuesOf(inputs[0]), resultOf(output)};
    if (window_.taps() <= kFewTaps) forEachElement(stream_, lanes, output.count, means);
    else sums_.run(Summing<1, Means>{means});
  }

  void backward(Run&) override {
    const Operand<float>& x = inputs[0];
    if (!x.needsGradient) return;
    forEachElement(stream_, lanes, x.count, MeansSlopes{window_, scales_.data(), givenTo(output), gradientOf(x), x.accumulate});
  }

 private:
  DeviceWindow window_;
  DeviceMemory<float> scales_;
  Reducer<Sums<1>> sums_;
};

template <class PoolStep, Window (*windowOf)(const NodeContext&)>
std::unique_ptr<Step<float>> makePool(StepSpec<float>&& spec, Stream& stream) {
  const Window window = windowOf(spec.context);
  return std::make_unique<PoolStep>(std::move(spec), stream, window);
}

}  // namespace

const StepTable& poolSteps() {
  static const StepTable table{
    {"AveragePool", makePool<AveragePoolStep, poolWindow>},
    {"GlobalAveragePool", makePool<AveragePoolStep, globalWindow>},
    {"GlobalMaxPool", makePool<MaxPoolStep, globalWindow>},
    {"MaxPool", makePool<MaxPoolStep, poolWindow>},
  };
  return table;
}

}  // namespace deltalab::cuda
