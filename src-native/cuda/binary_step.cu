#include "ops/binary_functions.h"
#include "steps.h"
#include "sums.h"

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

/** What of dy at element `at` of the output goes to input `side`. */
template <class Function, int side>
struct Passed {
  LaneValues<const float> a, b, dy;

  __device__ float at(int lane, size_t element, ptrdiff_t aAt, ptrdiff_t bAt) const {
    // What is not named as read may not be there.
    const float p = Function::kPassesGradient ? 0.0F : a.of(lane)[aAt], q = Function::kPassesGradient ? 0.0F : b.of(lane)[bAt];
    const float given = dy.of(lane)[element];
    return side == 0 ? Function::gradientA(given, p, q) : Function::gradientB(given, p, q);
  }
};

/** Of an input that is as large as the output. */
template <class Function, int side>
struct OwnGradient {
  DeviceLoops<2> loops;
  Passed<Function, side> passed;
  LaneValues<float> to;
  bool accumulate;

  __device__ void operator()(int lane, size_t i) const {
    const auto at = loops.at(i);
    float* into = to.of(lane) + at.of[side];
    *into = (accumulate ? *into : 0.0F) + passed.at(lane, i, at.of[0], at.of[1]);
  }
};

/** Of an input that was spread: the sum over the elements it was spread to. */
template <class Function, int side>
struct SpreadGradient {
  /** Offsets in the output, in a and in b. */
  DeviceLoops<3> kept, summed;
  Passed<Function, side> passed;
  LaneValues<float> to;
  bool accumulate;

  __device__ float term(int lane, size_t i, size_t element) const {
    const auto outer = kept.at(i), inner = summed.at(element);
    return passed.at(lane, static_cast<size_t>(outer.of[0] + inner.of[0]), outer.of[1] + inner.of[1], outer.of[2] + inner.of[2]);
  }
  __device__ void store(int lane, size_t i, double sum) const {
    float* into = to.of(lane) + kept.at(i).of[1 + side];
    *into = (accumulate ? *into : 0.0F) + static_cast<float>(sum);
  }
};

/** y = f(a, b) with broadcasting. */
template <class Function>
class BinaryStep final : public DeviceStep {
 public:
  BinaryStep(StepSpec<float>&& spec, Stream& stream)
      : DeviceStep(std::move(spec), stream), loops_(broadcastLoops<2>({&inputs[0].shape, &inputs[1].shape}, output.shape)) {}

  void forward(Run&) override {
    forEachElement(stream_, lanes, output.count, Value<Function>{loops_, valuesOf(inputs[0]), valuesOf(inputs[1]), resultOf(output)});
  }

  void backward(Run&) override {
    if (inputs[0].needsGradient) backwardInto<0>();
    if (inputs[1].needsGradient) backwardInto<1>();
  }

 private:
  template <int side>
  void backwardInto() {
    const Operand<float>& target = inputs[side];
    const Passed<Function, side> passed{valuesOf(inputs[0]), valuesOf(inputs[1]), givenTo(output)};
    if (target.count == output.count) {
      return forEachElement(stream_, lanes, output.count, OwnGradient<Function, side>{loops_, passed, gradientOf(target), target.accumulate});
    }
    SpreadGradient<Function, side> gradient{{}, {}, passed, gradientOf(target), target.accumulate};
    splitLoops<2>({&inputs[0].shape, &inputs[1].shape}, side, output.shape, gradient.kept, gradient.summed);
    sumUp(stream_, lanes, gradient.kept.count, gradient.summed.count, gradient);
  }

  DeviceLoops<2> loops_;
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
