#include "ops/variadic_functions.h"

#include "spread_gradient.h"
#include "steps.h"

namespace deltalab::cuda {

namespace {

/** y = the join of two inputs, or of what has been joined so far and the next input. */
template <class Kind>
struct Joined {
  DeviceLoops<2> loops;
  LaneValues<const float> a, b;
  LaneValues<float> y;
  float factor;

  __device__ void operator()(int lane, size_t i) const {
    const auto at = loops.at(i);
    y.of(lane)[i] = Kind::join(a.of(lane)[at.of[0]], b.of(lane)[at.of[1]]) * factor;
  }
};

/** Counts the inputs that are the result, one after another. */
struct CountTies {
  DeviceLoops<1> loops;
  LaneValues<const float> x, y;
  LaneValues<float> ties;
  bool first;

  __device__ void operator()(int lane, size_t i) const {
    float* to = ties.of(lane) + i;
    *to = (first ? 0.0F : *to) + (x.of(lane)[loops.at(i).of[0]] == y.of(lane)[i] ? 1.0F : 0.0F);
  }
};

/** What of dy goes to one input. What is not named as read may not be there. */
template <class Kind>
struct Passed {
  LaneValues<const float> x, y, dy;
  LaneValues<float> ties;
  float factor;

  __device__ float operator()(int lane, size_t element, const ptrdiff_t (&of)[1]) const {
    const float given = dy.of(lane)[element];
    if constexpr (Kind::kSelects) return x.of(lane)[of[0]] == y.of(lane)[element] ? given * (1 / ties.of(lane)[element]) : 0.0F;
    else return given * factor;
  }
};

/** y = two inputs or more, spread by NumPy's rule, joined one after another. */
template <class Kind>
class VariadicStep final : public DeviceStep {
 public:
  VariadicStep(StepSpec<float>&& spec, Stream& stream)
      : DeviceStep(std::move(spec), stream), factor_(Kind::kMean ? 1.0F / static_cast<float>(inputs.size()) : 1.0F) {
    bool differentiable = false;
    for (size_t i = 0; i < inputs.size(); ++i) {
      const Shape& before = i == 1 ? inputs[0].shape : output.shape;
      joining_.push_back(DeviceLoops<2>(broadcastLoops<2>({&before, &inputs[i].shape}, output.shape)));
      gradients_.push_back(inputs[i].needsGradient ? SpreadGradient<1>(stream, lanes, {&inputs[i].shape}, 0, output.shape) : SpreadGradient<1>());
      if (Kind::kSelects) spread_.push_back(DeviceLoops<1>(broadcastLoops<1>({&inputs[i].shape}, output.shape)));
      differentiable = differentiable || inputs[i].needsGradient;
    }
    if (Kind::kSelects && differentiable) ties_ = DeviceMemory<float>(stream, static_cast<size_t>(lanes) * output.count);
  }

  void forward(Run&) override {
    for (size_t i = 1; i < inputs.size(); ++i) {
      const Operand<float>& before = i == 1 ? inputs[0] : output;
      forEachElement(stream_, lanes, output.count,
                     Joined<Kind>{joining_[i], valuesOf(before), valuesOf(inputs[i]), resultOf(output), i + 1 == inputs.size() ? factor_ : 1.0F});
    }
  }

  void backward(Run&) override {
    const LaneValues<const float> y = valuesOf(output), dy = givenTo(output);
    const LaneValues<float> ties{ties_.data(), output.count};
    for (size_t i = 0; ties.data && i < inputs.size(); ++i) {
      forEachElement(stream_, lanes, output.count, CountTies{spread_[i], valuesOf(inputs[i]), y, ties, i == 0});
    }
    for (size_t i = 0; i < inputs.size(); ++i) {
      if (inputs[i].needsGradient) gradients_[i].write(inputs[i], Passed<Kind>{valuesOf(inputs[i]), y, dy, ties, factor_});
    }
  }

 private:
  float factor_;
  /** By input: over what was joined before, and it. */
  std::vector<DeviceLoops<2>> joining_;
  std::vector<DeviceLoops<1>> spread_;
  std::vector<SpreadGradient<1>> gradients_;
  /** How many inputs are the result, of every element of every lane. */
  DeviceMemory<float> ties_;
};

}  // namespace

const StepTable& variadicSteps() {
  static const StepTable table{
    {"Max", makeStep<VariadicStep<ExtremeInput<1>>>},
    {"Mean", makeStep<VariadicStep<MeanInputs>>},
    {"Min", makeStep<VariadicStep<ExtremeInput<-1>>>},
    {"Sum", makeStep<VariadicStep<SumInputs>>},
  };
  return table;
}

}  // namespace deltalab::cuda
