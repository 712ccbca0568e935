#include "ops/activation_step.h"
#include "steps.h"

namespace deltalab::cuda {

namespace {

struct Value {
  LaneValues<const float> x;
  LaneValues<float> y;
  Activation activation;
  float alpha;

  __device__ void operator()(int lane, size_t i) const { y.of(lane)[i] = activationValue(activation, x.of(lane)[i], alpha); }
};

/** From the output, or from the input where the parameter makes that impossible. */
struct Slope {
  LaneValues<const float> x, y, dy;
  LaneValues<float> dx;
  Activation activation;
  float alpha;
  bool fromInput;
  bool accumulate;

  __device__ void operator()(int lane, size_t i) const {
    const float slope = fromInput ? slopeAt(lane, i) : activationSlopeFromOutput(activation, y.of(lane)[i], alpha);
    float* to = dx.of(lane) + i;
    *to = (accumulate ? *to : 0.0F) + dy.of(lane)[i] * slope;
  }
  __device__ float slopeAt(int lane, size_t i) const {
    const float u = x.of(lane)[i];
    return activationSlope(activation, u, activationValue(activation, u, alpha), alpha);
  }
};

struct Form {
  Activation activation;
  float alpha;
};

Form formOf(const NodeContext& context) {
  const std::string& opType = context.node->opType;
  if (opType == "Relu") return {Activation::Relu, 0};
  if (opType == "LeakyRelu") return {Activation::LeakyRelu, static_cast<float>(context.number("alpha", 0.01))};
  if (opType == "Elu") return {Activation::Elu, static_cast<float>(context.number("alpha", 1))};
  if (opType == "Sigmoid") return {Activation::Sigmoid, 0};
  if (opType == "Tanh") return {Activation::Tanh, 0};
  return {Activation::Softplus, 0};
}

/** y = f(x), element by element. */
class ActivationStep final : public DeviceStep {
 public:
  ActivationStep(StepSpec<float>&& spec, Stream& stream) : ActivationStep(std::move(spec), stream, formOf(spec.context)) {}

  void forward(Run&) override {
    forEachElement(stream_, lanes, output.count, Value{valuesOf(inputs[0]), resultOf(output), form_.activation, form_.alpha});
  }

  void backward(Run&) override {
    const Operand<float>& x = inputs[0];
    if (!x.needsGradient) return;
    forEachElement(stream_, lanes, output.count,
                   Slope{valuesOf(x), valuesOf(output), givenTo(output), gradientOf(x), form_.activation, form_.alpha, form_.alpha < 0, x.accumulate});
  }

 private:
  ActivationStep(StepSpec<float>&& spec, Stream& stream, Form form) : DeviceStep(std::move(spec), stream), form_(form) {}

  Form form_;
};

}  // namespace

const StepTable& activationSteps() {
  static const StepTable table{
    {"Elu", makeStep<ActivationStep>},     {"LeakyRelu", makeStep<ActivationStep>}, {"Relu", makeStep<ActivationStep>},
    {"Sigmoid", makeStep<ActivationStep>}, {"Softplus", makeStep<ActivationStep>},  {"Tanh", makeStep<ActivationStep>},
  };
  return table;
}

}  // namespace deltalab::cuda
