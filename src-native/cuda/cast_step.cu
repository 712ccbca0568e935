#include "ops/cast_functions.h"
#include "steps.h"

namespace deltalab::cuda {

namespace {

struct Converted {
  LaneValues<const float> x;
  LaneValues<float> y;
  CastTarget target;

  __device__ void operator()(int lane, size_t i) const { y.of(lane)[i] = castValue(target, x.of(lane)[i]); }
};

struct Slope {
  LaneValues<const float> dy;
  LaneValues<float> dx;
  bool passes, accumulate;

  __device__ void operator()(int lane, size_t i) const {
    float* to = dx.of(lane) + i;
    *to = (accumulate ? *to : 0.0F) + (passes ? dy.of(lane)[i] : 0.0F);
  }
};

/** Values as another element type. */
class CastStep final : public DeviceStep {
 public:
  CastStep(StepSpec<float>&& spec, Stream& stream) : CastStep(std::move(spec), stream, castTarget(spec.context)) {}

  void forward(Run&) override { forEachElement(stream_, lanes, output.count, Converted{valuesOf(inputs[0]), resultOf(output), target_}); }

  void backward(Run&) override {
    const Operand<float>& x = inputs[0];
    const bool passes = target_ == CastTarget::Fraction;
    if (!x.needsGradient || (!passes && x.accumulate)) return;
    forEachElement(stream_, lanes, output.count, Slope{givenTo(output), gradientOf(x), passes, x.accumulate});
  }

 private:
  CastStep(StepSpec<float>&& spec, Stream& stream, CastTarget target) : DeviceStep(std::move(spec), stream), target_(target) {}

  CastTarget target_;
};

}  // namespace

const StepTable& castSteps() {
  static const StepTable table{{"Cast", makeStep<CastStep>}};
  return table;
}

}  // namespace deltalab::cuda
