#include "ops/axes.h"
#include "reducer.h"
#include "steps.h"

namespace deltalab::cuda {

namespace {

/** The best element so far, its sign turned where the smallest is looked for, and its place. */
struct Candidate {
  float value;
  size_t at;
};

constexpr size_t kNowhere = SIZE_MAX;

/** Lines of `size` elements, `inner` apart. */
template <int sign>
struct Places {
  using Total = Candidate;

  LaneValues<const float> x;
  LaneValues<float> y;
  size_t size, inner;
  /** Of equal elements the last one, not the first. */
  bool last;

  __device__ Total start() const { return {0, kNowhere}; }
  __device__ const float* line(int lane, size_t i) const { return x.of(lane) + i / inner * size * inner + i % inner; }
  /** What is not a number is larger than nothing. */
  __device__ Total add(const Total& total, const float* line, size_t term) const {
    const float value = static_cast<float>(sign) * line[term * inner];
    return std::isnan(value) ? total : join(total, {value, term});
  }
  __device__ Total join(const Total& a, const Total& b) const {
    if (a.at == kNowhere || b.at == kNowhere) return a.at == kNowhere ? b : a;
    if (a.value != b.value) return a.value > b.value ? a : b;
    return (a.at < b.at) == last ? b : a;
  }
  /** A first element that is not a number stays the best, as nothing is larger than it. */
  __device__ void store(int lane, size_t i, const Total& total) const {
    y.of(lane)[i] = total.at == kNowhere || std::isnan(*line(lane, i)) ? 0.0F : static_cast<float>(total.at);
  }
};

/** Place of the largest (sign 1) or smallest (sign -1) element along an axis. Has no gradient. */
template <int sign>
class ArgExtremeStep final : public DeviceStep {
 public:
  ArgExtremeStep(StepSpec<float>&& spec, Stream& stream) : ArgExtremeStep(std::move(spec), stream, spec.context) {}

  void forward(Run&) override { places_.run(Places<sign>{valuesOf(inputs[0]), resultOf(output), size_, inner_, last_}); }
  void backward(Run&) override {}

 private:
  ArgExtremeStep(StepSpec<float>&& spec, Stream& stream, const NodeContext& context)
      : DeviceStep(std::move(spec), stream), last_(context.integer("select_last_index", 0) != 0) {
    const Shape& shape = inputs[0].shape;
    const int64_t rank = static_cast<int64_t>(shape.size());
    const size_t axis = static_cast<size_t>(context.axis(0, rank, rank - 1));
    size_ = static_cast<size_t>(shape[axis]);
    inner_ = blocksAround(shape, axis, axis + 1).inner;
    places_ = Reducer<Candidate>(stream, lanes, ReductionShape::of(output.count, size_, inner_));
  }

  bool last_;
  size_t size_ = 1, inner_ = 1;
  Reducer<Candidate> places_;
};

}  // namespace

const StepTable& argExtremeSteps() {
  static const StepTable table{{"ArgMax", makeStep<ArgExtremeStep<1>>}, {"ArgMin", makeStep<ArgExtremeStep<-1>>}};
  return table;
}

}  // namespace deltalab::cuda
