#include "device_memory.h"
#include "ops/axes.h"
#include "steps.h"

namespace deltalab::cuda {

namespace {

/** Elements of a line that one thread sums up. Longer lines are cut into pieces of as many. */
constexpr size_t kPiece = 64;

/** Where the lines along the axis lie, and from which end they are summed up. */
struct Lines {
  size_t size, inner, count, pieces;
  bool exclusive, reverse;

  /** Element `at` of a line in the order of the sums. */
  __device__ size_t place(size_t line, size_t at, bool turned) const {
    return (line / inner * size + (reverse != turned ? size - 1 - at : at)) * inner + line % inner;
  }
};

/** A line in piece `at / count` of the lines, neighbouring lines by neighbouring threads. */
struct PieceSums {
  Lines lines;
  bool turned;
  LaneValues<const float> from;
  /** [pieces][lines] of every lane. */
  LaneValues<double> sums;

  __device__ void operator()(int lane, size_t i) const {
    const size_t line = i % lines.count, begin = i / lines.count * kPiece, end = begin + kPiece < lines.size ? begin + kPiece : lines.size;
    const float* x = from.of(lane);
    double sum = 0;
    for (size_t at = begin; at < end; ++at) sum += static_cast<double>(x[lines.place(line, at, turned)]);
    sums.of(lane)[i] = sum;
  }
};

/** The sums of the pieces of a line into those of all pieces before each, by a block that goes through them kThreads at a time. */
__global__ void __launch_bounds__(kThreads) scanKernel(size_t count, size_t pieces, LaneValues<double> sums) {
  __shared__ double scanned[kThreads];
  double* own = sums.of(static_cast<int>(blockIdx.y)) + blockIdx.x;
  double before = 0;
  for (size_t first = 0; first < pieces; first += kThreads) {
    const size_t piece = first + threadIdx.x;
    double sum = piece < pieces ? own[piece * count] : 0;
    scanned[threadIdx.x] = sum;
    for (unsigned distance = 1; distance < kThreads; distance *= 2) {
      __syncthreads();
      const double other = threadIdx.x >= distance ? scanned[threadIdx.x - distance] : 0;
      __syncthreads();
      scanned[threadIdx.x] = sum += other;
    }
    __syncthreads();
    if (piece < pieces) own[piece * count] = before + (threadIdx.x == 0 ? 0 : scanned[threadIdx.x - 1]);
    before += scanned[kThreads - 1];
    __syncthreads();
  }
}

struct Totals {
  Lines lines;
  bool turned;
  LaneValues<const float> from;
  LaneValues<float> to;
  /** Null where there is one piece. */
  LaneValues<double> sums;
  bool accumulate;

  __device__ void operator()(int lane, size_t i) const {
    const size_t line = i % lines.count, begin = i / lines.count * kPiece, end = begin + kPiece < lines.size ? begin + kPiece : lines.size;
    const float* x = from.of(lane);
    float* y = to.of(lane);
    double total = sums.data ? sums.of(lane)[i] : 0;
    for (size_t at = begin; at < end; ++at) {
      const size_t place = lines.place(line, at, turned);
      const double before = total;
      total += static_cast<double>(x[place]);
      y[place] = (accumulate ? y[place] : 0.0F) + static_cast<float>(lines.exclusive ? before : total);
    }
  }
};

Lines linesOf(const NodeContext& context) {
  const Shape& shape = context.shape(0);
  const size_t axis = dimensionsOf(context, context.constantIntegers(1), shape.size())[0], size = static_cast<size_t>(shape[axis]);
  const Blocks blocks = blocksAround(shape, axis, axis + 1);
  return {size,
          blocks.inner,
          blocks.outer * blocks.inner,
          (size + kPiece - 1) / kPiece,
          context.integer("exclusive", 0) != 0,
          context.integer("reverse", 0) != 0};
}

/** Sums of all elements up to each, along an axis. */
class CumSumStep final : public DeviceStep {
 public:
  CumSumStep(StepSpec<float>&& spec, Stream& stream) : CumSumStep(std::move(spec), stream, linesOf(spec.context)) {}

  void forward(Run&) override { sum(valuesOf(inputs[0]), resultOf(output), false, false); }

  /** The same sums from the other end. */
  void backward(Run&) override {
    const Operand<float>& target = inputs[0];
    if (target.needsGradient) sum(givenTo(output), gradientOf(target), true, target.accumulate);
  }

 private:
  CumSumStep(StepSpec<float>&& spec, Stream& stream, const Lines& lines) : DeviceStep(std::move(spec), stream), lines_(lines) {
    if (lines.pieces > 1) sums_ = DeviceMemory<double>(stream, static_cast<size_t>(lanes) * lines.count * lines.pieces);
  }

  void sum(LaneValues<const float> from, LaneValues<float> to, bool turned, bool accumulate) {
    const size_t all = lines_.count * lines_.pieces;
    const LaneValues<double> sums{sums_.data(), all};
    if (lines_.pieces > 1) {
      forEachElement(stream_, lanes, all, PieceSums{lines_, turned, from, sums});
      stream_.launch(scanKernel, dim3(static_cast<unsigned>(lines_.count), static_cast<unsigned>(lanes)), dim3(kThreads), lines_.count, lines_.pieces,
                     sums);
    }
    forEachElement(stream_, lanes, all, Totals{lines_, turned, from, to, sums, accumulate});
  }

  Lines lines_;
  DeviceMemory<double> sums_;
};

}  // namespace

const StepTable& cumSumSteps() {
  static const StepTable table{{"CumSum", makeStep<CumSumStep>}};
  return table;
}

}  // namespace deltalab::cuda
