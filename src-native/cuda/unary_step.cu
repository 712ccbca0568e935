#include "ops/unary_functions.h"
#include "steps.h"

namespace deltalab::cuda {

namespace {

template <class Function>
struct Value {
  LaneValues<const float> x;
  LaneValues<float> y;
  Function function;

  __device__ void operator()(int lane, size_t i) const { y.of(lane)[i] = function.value(x.of(lane)[i]); }
};

template <class Function>
struct Slope {
  LaneValues<const float> x, y, dy;
  LaneValues<float> dx;
  Function function;
  bool accumulate;

  __device__ void operator()(int lane, size_t i) const {
    // What is not named may not be there.
    const float input = Function::kReads.inputs ? x.of(lane)[i] : 0.0F, result = Function::kReads.output ? y.of(lane)[i] : 0.0F;
    float* to = dx.of(lane) + i;
    *to = (accumulate ? *to : 0.0F) + dy.of(lane)[i] * function.slope(input, result);
  }
};

/** y = f(x), element by element. */
template <class Function>
class UnaryStep final : public DeviceStep {
 public:
  UnaryStep(StepSpec<float>&& spec, Stream& stream) : UnaryStep(std::move(spec), stream, Function(spec.context)) {}

  void forward(Run&) override {
    forEachElement(stream_, lanes, output.count, Value<Function>{valuesOf(inputs[0]), resultOf(output), function_});
  }

  void backward(Run&) override {
    const Operand<float>& x = inputs[0];
    if (!x.needsGradient) return;
    forEachElement(stream_, lanes, output.count,
                   Slope<Function>{valuesOf(x), valuesOf(output), givenTo(output), gradientOf(x), function_, x.accumulate});
  }

 private:
  UnaryStep(StepSpec<float>&& spec, Stream& stream, const Function& function) : DeviceStep(std::move(spec), stream), function_(function) {}

  Function function_;
};

}  // namespace

const StepTable& unarySteps() {
  static const StepTable table{
    {"Abs", makeStep<UnaryStep<Abs>>},
    {"Atan", makeStep<UnaryStep<Atan>>},
    {"Ceil", makeStep<UnaryStep<Ceil>>},
    {"Celu", makeStep<UnaryStep<Celu>>},
    {"Clip", makeStep<UnaryStep<Clip>>},
    {"Cos", makeStep<UnaryStep<Cos>>},
    {"Erf", makeStep<UnaryStep<Erf>>},
    {"Exp", makeStep<UnaryStep<Exp>>},
    {"Floor", makeStep<UnaryStep<Floor>>},
    {"Gelu", makeStep<UnaryStep<Gelu>>},
    {"HardSigmoid", makeStep<UnaryStep<HardSigmoid>>},
    {"HardSwish", makeStep<UnaryStep<HardSwish>>},
    {"Log", makeStep<UnaryStep<Log>>},
    {"Mish", makeStep<UnaryStep<Mish>>},
    {"Neg", makeStep<UnaryStep<Neg>>},
    {"Not", makeStep<UnaryStep<Not>>},
    {"Reciprocal", makeStep<UnaryStep<Reciprocal>>},
    {"Round", makeStep<UnaryStep<Round>>},
    {"Selu", makeStep<UnaryStep<Selu>>},
    {"Sign", makeStep<UnaryStep<Sign>>},
    {"Sin", makeStep<UnaryStep<Sin>>},
    {"Softsign", makeStep<UnaryStep<Softsign>>},
    {"Sqrt", makeStep<UnaryStep<Sqrt>>},
    {"Tan", makeStep<UnaryStep<Tan>>},
    {"ThresholdedRelu", makeStep<UnaryStep<ThresholdedRelu>>},
  };
  return table;
}

}  // namespace deltalab::cuda
