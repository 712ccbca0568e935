#include "ops/axes.h"
#include "reducer.h"
#include "steps.h"

namespace deltalab::cuda {

namespace {

/** Values of a row that a thread of a warp keeps at most: rows up to 32 times as long go through memory once. */
constexpr int kMostKept = 32;

/** Where the lines along the axis lie: the elements before and after them, and what their values go through first (core/scaled_softmax.h). */
struct Lines {
  size_t size = 1, inner = 1, count = 1;
  float scale = 1;
  /** Null data: none. Repeats over the values. */
  LaneValues<const float> mask;
  size_t maskCount = 1;

  __device__ size_t start(size_t line) const { return line / inner * size * inner + line % inner; }
  /** The mask of what begins at element `at`, or null. */
  __device__ const float* maskAt(int lane, size_t at) const { return mask.data ? mask.of(lane) + at % maskCount : nullptr; }
  __device__ float value(float x, const float* shift) const { return shift ? scale * x + *shift : scale * x; }
};

struct Larger {
  __device__ static float of(float a, float b) { return b > a ? b : a; }
};
struct Both {
  __device__ static float of(float a, float b) { return a + b; }
};

/** All values of a warp joined, for each of its threads. */
template <class Join>
__device__ float warpJoin(float value) {
  for (int distance = 16; distance > 0; distance /= 2) value = Join::of(value, __shfl_xor_sync(0xffffffffu, value, distance));
  return value;
}

/** A warp a row of up to 32 · kept values. */
template <bool kLog, int kept>
__global__ void __launch_bounds__(kThreads) rowsKernel(Lines lines, LaneValues<const float> from, LaneValues<float> to) {
  const int lane = static_cast<int>(blockIdx.y), own = static_cast<int>(threadIdx.x % 32), size = static_cast<int>(lines.size);
  const size_t row = static_cast<size_t>(blockIdx.x) * (kThreads / 32) + threadIdx.x / 32;
  if (row >= lines.count) return;
  const size_t start = row * lines.size;
  const float* x = from.of(lane) + start;
  float* y = to.of(lane) + start;
  const float* mask = lines.maskAt(lane, start);
  float values[kept];
  float largest = -INFINITY;
  for (int j = 0; j < kept; ++j) {
    const int i = own + j * 32;
    values[j] = i < size ? lines.value(x[i], mask ? mask + i : nullptr) : -INFINITY;
    largest = Larger::of(largest, values[j]);
  }
  largest = warpJoin<Larger>(largest);
  float sum = 0;
  for (int j = 0; j < kept; ++j) {
    if (own + j * 32 >= size) continue;
    const float power = expf(values[j] - largest);
    values[j] = kLog ? values[j] - largest : power;
    sum += power;
  }
  sum = warpJoin<Both>(sum);
  const float factor = kLog ? logf(sum) : 1 / sum;
  for (int j = 0; j < kept; ++j) {
    const int i = own + j * 32;
    if (i < size) y[i] = kLog ? values[j] - factor : values[j] * factor;
  }
}

/** dx_i = scale · y_i (dy_i - Σ_j dy_j y_j); of the logarithm dx_i = dy_i - e^y_i Σ_j dy_j. */
template <bool kLog>
__device__ float gradient(float y, float dy, float sum, float scale) {
  return kLog ? dy - expf(y) * sum : scale * y * (dy - sum);
}

template <bool kLog, int kept>
__global__ void __launch_bounds__(kThreads)
  rowGradientsKernel(Lines lines, LaneValues<const float> results, LaneValues<const float> given, LaneValues<float> to, bool accumulate) {
  const int lane = static_cast<int>(blockIdx.y), own = static_cast<int>(threadIdx.x % 32), size = static_cast<int>(lines.size);
  const size_t row = static_cast<size_t>(blockIdx.x) * (kThreads / 32) + threadIdx.x / 32;
  if (row >= lines.count) return;
  const size_t start = row * lines.size;
  const float *y = results.of(lane) + start, *dy = given.of(lane) + start;
  float* dx = to.of(lane) + start;
  float outputs[kept], gradients[kept];
  float sum = 0;
  for (int j = 0; j < kept; ++j) {
    const int i = own + j * 32;
    outputs[j] = i < size ? y[i] : 0.0F;
    gradients[j] = i < size ? dy[i] : 0.0F;
    sum += kLog ? gradients[j] : gradients[j] * outputs[j];
  }
  sum = warpJoin<Both>(sum);
  for (int j = 0; j < kept; ++j) {
    const int i = own + j * 32;
    if (i < size) dx[i] = (accumulate ? dx[i] : 0.0F) + gradient<kLog>(outputs[j], gradients[j], sum, lines.scale);
  }
}

/** Σ e^(x - largest) with the largest so far. */
struct PowerSum {
  float largest;
  double sum;
};

/** What the values of a long line, or of one along another axis, are normalised by. */
struct Norm {
  float largest;
  /** 1 / Σ e^(x - largest), or its negative logarithm. */
  float factor;
};

template <bool kLog>
struct Norms {
  using Total = PowerSum;
  struct Line {
    const float *x, *mask;
  };

  Lines lines;
  LaneValues<const float> x;
  Norm* norms;

  __device__ Total start() const { return {-INFINITY, 0}; }
  __device__ Line line(int lane, size_t i) const {
    const size_t start = lines.start(i);
    return {x.of(lane) + start, lines.maskAt(lane, start)};
  }
  __device__ Total add(const Total& total, const Line& line, size_t term) const {
    const float value = lines.value(line.x[term * lines.inner], line.mask ? line.mask + term : nullptr);
    // Two infinities of one sign have no difference.
    if (value == total.largest) return {value, total.sum + 1};
    if (value > total.largest) return {value, total.sum * static_cast<double>(expf(total.largest - value)) + 1};
    return {total.largest, total.sum + static_cast<double>(expf(value - total.largest))};
  }
  __device__ Total join(const Total& a, const Total& b) const {
    if (a.largest == b.largest) return {a.largest, a.sum + b.sum};
    if (a.largest < b.largest) return {b.largest, b.sum + a.sum * static_cast<double>(expf(a.largest - b.largest))};
    return {a.largest, a.sum + b.sum * static_cast<double>(expf(b.largest - a.largest))};
  }
  __device__ void store(int lane, size_t i, const Total& total) const {
    // An infinite value makes all of its line not a number, as it does on the processor.
    const float own = total.largest - total.largest;
    norms[static_cast<size_t>(lane) * lines.count + i] = {total.largest, own + static_cast<float>(kLog ? -log(total.sum) : 1 / total.sum)};
  }
};

template <bool kLog>
struct Normalised {
  Lines lines;
  DeviceLoops<1> lineOf;
  LaneValues<const float> x;
  LaneValues<float> y;
  const Norm* norms;

  __device__ void operator()(int lane, size_t i) const {
    const Norm norm = norms[static_cast<size_t>(lane) * lines.count + static_cast<size_t>(lineOf.at(i).of[0])];
    const float value = lines.value(x.of(lane)[i], lines.maskAt(lane, i)) - norm.largest;
    y.of(lane)[i] = kLog ? value + norm.factor : expf(value) * norm.factor;
  }
};

/** The sums that all gradients of a line share. */
template <bool kLog>
struct GradientSums {
  using Total = double;
  struct Line {
    const float *y, *dy;
  };

  Lines lines;
  LaneValues<const float> y, dy;
  float* sums;

  __device__ Total start() const { return 0; }
  __device__ Line line(int lane, size_t i) const { return {y.of(lane) + lines.start(i), dy.of(lane) + lines.start(i)}; }
  __device__ Total add(Total total, const Line& line, size_t term) const {
    const double given = static_cast<double>(line.dy[term * lines.inner]);
    return total + (kLog ? given : given * static_cast<double>(line.y[term * lines.inner]));
  }
  __device__ Total join(Total a, Total b) const { return a + b; }
  __device__ void store(int lane, size_t i, Total total) const { sums[static_cast<size_t>(lane) * lines.count + i] = static_cast<float>(total); }
};

template <bool kLog>
struct Gradient {
  Lines lines;
  DeviceLoops<1> lineOf;
  LaneValues<const float> y, dy;
  LaneValues<float> dx;
  const float* sums;
  bool accumulate;

  __device__ void operator()(int lane, size_t i) const {
    const float sum = sums[static_cast<size_t>(lane) * lines.count + static_cast<size_t>(lineOf.at(i).of[0])];
    float* to = dx.of(lane) + i;
    *to = (accumulate ? *to : 0.0F) + gradient<kLog>(y.of(lane)[i], dy.of(lane)[i], sum, lines.scale);
  }
};

Lines linesOf(const StepSpec<float>& spec) {
  const Shape& shape = spec.outputs[0].shape;
  const int64_t rank = static_cast<int64_t>(shape.size());
  const size_t axis = static_cast<size_t>(spec.context.axis(-1, rank, rank - 1));
  const Blocks blocks = blocksAround(shape, axis, axis + 1);
  Lines lines;
  lines.size = static_cast<size_t>(shape[axis]);
  lines.inner = blocks.inner;
  lines.count = blocks.outer * blocks.inner;
  lines.scale = static_cast<float>(spec.scale);
  if (spec.inputs.size() > 1) {
    lines.mask = valuesOf(spec.inputs[1]);
    lines.maskCount = spec.inputs[1].count;
  }
  return lines;
}

/** y = e^x / Σ e^x along an axis, or its logarithm: rows of up to 1024 values by a warp each, all other lines in two passes. */
template <bool kLog>
class SoftmaxStep final : public DeviceStep {
 public:
  SoftmaxStep(StepSpec<float>&& spec, Stream& stream) : SoftmaxStep(std::move(spec), stream, linesOf(spec)) {}

  void forward(Run&) override {
    const LaneValues<const float> x = valuesOf(inputs[0]);
    const LaneValues<float> y = resultOf(output);
    if (shortRows()) {
      return withKept([&](auto kept) { stream_.launch(rowsKernel<kLog, kept>, rowBlocks(), dim3(kThreads), lines_, x, y); });
    }
    norming_.run(Norms<kLog>{lines_, x, norms_.data()});
    forEachElement(stream_, lanes, output.count, Normalised<kLog>{lines_, lineOf_, x, y, norms_.data()});
  }

  void backward(Run&) override {
    const Operand<float>& target = inputs[0];
    if (!target.needsGradient) return;
    const LaneValues<const float> y = valuesOf(output), dy = givenTo(output);
    const LaneValues<float> dx = gradientOf(target);
    if (shortRows()) {
      return withKept([&](auto kept) {
        stream_.launch(rowGradientsKernel<kLog, kept>, rowBlocks(), dim3(kThreads), lines_, y, dy, dx, target.accumulate);
      });
    }
    summing_.run(GradientSums<kLog>{lines_, y, dy, sums_.data()});
    forEachElement(stream_, lanes, output.count, Gradient<kLog>{lines_, lineOf_, y, dy, dx, sums_.data(), target.accumulate});
  }

 private:
  SoftmaxStep(StepSpec<float>&& spec, Stream& stream, const Lines& lines) : DeviceStep(std::move(spec), stream), lines_(lines) {
    if (shortRows()) return;
    const size_t all = static_cast<size_t>(lanes) * lines.count;
    const ReductionShape shape = ReductionShape::of(lines.count, lines.size, lines.inner);
    norming_ = Reducer<PowerSum>(stream, lanes, shape);
    norms_ = DeviceMemory<Norm>(stream, all);
    if (inputs[0].needsGradient) {
      summing_ = Reducer<double>(stream, lanes, shape);
      sums_ = DeviceMemory<float>(stream, all);
    }
    const ptrdiff_t inner = static_cast<ptrdiff_t>(lines.inner);
    Loops<1> loops;
    loops.add(lines.count / lines.inner, {inner});
    loops.add(lines.size, {0});
    loops.add(lines.inner, {1});
    lineOf_ = DeviceLoops<1>(loops);
  }

  bool shortRows() const { return lines_.inner == 1 && lines_.size <= 32 * kMostKept; }
  dim3 rowBlocks() const { return dim3(blocksFor(lines_.count, kThreads / 32), static_cast<unsigned>(lanes)); }

  /** f of how many values a thread keeps, known to the compiler. */
  template <class F>
  void withKept(F&& f) const {
    if (lines_.size <= 32) return f(std::integral_constant<int, 1>());
    if (lines_.size <= 32 * 4) return f(std::integral_constant<int, 4>());
    if (lines_.size <= 32 * 12) return f(std::integral_constant<int, 12>());
    f(std::integral_constant<int, kMostKept>());
  }

  Lines lines_;
  /** The line of every element. */
  DeviceLoops<1> lineOf_;
  Reducer<PowerSum> norming_;
  Reducer<double> summing_;
  DeviceMemory<Norm> norms_;
  DeviceMemory<float> sums_;
};

}  // namespace

const StepTable& softmaxSteps() {
  static const StepTable table{{"LogSoftmax", makeStep<SoftmaxStep<true>>}, {"Softmax", makeStep<SoftmaxStep<false>>}};
  return table;
}

}  // namespace deltalab::cuda
