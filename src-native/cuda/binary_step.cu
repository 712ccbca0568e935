#include "ops/binary_functions.h"
#include "spread_gradient.h"
#include "steps.h"

namespace deltalab::cuda {

namespace {

template <class Function>
struct Value {
  DeviceLoops<2> loops;
  LaneValues<const float> a, b;
  LaneValues<float> y;

  __device__ void operator()(int lane, size_t i) const {
    const auto at = loops.at(i);
    y.of(lane)[i] = Function::value(a.of(lane)[at.of[0]], b.of(lane)[at.of[1]]);
  }
};

/** What of dy goes to input `side`. */
template <class Function, int side>
struct Passed {
  LaneValues<const float> a, b, dy;

  __device__ float operator()(int lane, size_t element, const ptrdiff_t (&of)[2]) const {
    // What is not named as read may not be there.
    const float p = Function::kPassesGradient ? 0.0F : a.of(lane)[of[0]], q = Function::kPassesGradient ? 0.0F : b.of(lane)[of[1]];
    const float given = dy.of(lane)[element];
    return side == 0 ? Function::gradientA(given, p, q) : Function::gradientB(given, p, q);
  }
};

/** y = f(a, b) with broadcasting. */
template <class Function>
class BinaryStep final : public DeviceStep {
 public:
  BinaryStep(StepSpec<float>&& spec, Stream& stream)
      : DeviceStep(std::move(spec), stream), loops_(broadcastLoops<2>({&inputs[0].shape, &inputs[1].shape}, output.shape)) {
    for (int side : {0, 1}) {
      if (inputs[static_cast<size_t>(side)].needsGradient) {
        gradients_[side] = SpreadGradient<2>(stream, lanes, {&inputs[0].shape, &inputs[1].shape}, side, output.shape);
      }
    }
  }

  void forward(Run&) override {
    forEachElement(stream_, lanes, output.count, Value<Function>{loops_, valuesOf(inputs[0]), valuesOf(inputs[1]), resultOf(output)});
  }

  void backward(Run&) override {
    const LaneValues<const float> a = valuesOf(inputs[0]), b = valuesOf(inputs[1]), dy = givenTo(output);
    if (inputs[0].needsGradient) gradients_[0].write(inputs[0], Passed<Function, 0>{a, b, dy});
    if (inputs[1].needsGradient) gradients_[1].write(inputs[1], Passed<Function, 1>{a, b, dy});
  }

 private:
  DeviceLoops<2> loops_;
  SpreadGradient<2> gradients_[2];
};

std::unique_ptr<Step<float>> modStep(StepSpec<float>&& spec, Stream& stream) {
  if (spec.context.integer("fmod", 0) != 0) return makeStep<BinaryStep<Remainder>>(std::move(spec), stream);
  return makeStep<BinaryStep<Modulus>>(std::move(spec), stream);
}

}  // namespace

const StepTable& binarySteps() {
  static const StepTable table{
    {"Add", makeStep<BinaryStep<Add>>}, {"Div", makeStep<BinaryStep<Div>>}, {"Mod", modStep},
    {"Mul", makeStep<BinaryStep<Mul>>}, {"Pow", makeStep<BinaryStep<Pow>>}, {"PRelu", makeStep<BinaryStep<PRelu>>},
    {"Sub", makeStep<BinaryStep<Sub>>},
  };
  return table;
}

}  // namespace deltalab::cuda
