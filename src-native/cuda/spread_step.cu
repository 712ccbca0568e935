#include "ops/spread_step.h"

#include "spread_gradient.h"
#include "steps.h"

namespace deltalab::cuda {

namespace {

struct Repeated {
  DeviceLoops<1> loops;
  LaneValues<const float> x;
  LaneValues<float> y;

  __device__ void operator()(int lane, size_t i) const { y.of(lane)[i] = x.of(lane)[loops.at(i).of[0]]; }
};

/** What of ∂E/∂y goes to the element that was repeated there. */
struct Passed {
  LaneValues<const float> dy;

  __device__ float operator()(int lane, size_t element, const ptrdiff_t (&)[1]) const { return dy.of(lane)[element]; }
};

/** y = x repeated. */
class SpreadStep final : public DeviceStep {
 public:
  SpreadStep(StepSpec<float>&& spec, Stream& stream, const SpreadForm& form)
      : DeviceStep(std::move(spec), stream), loops_(broadcastLoops<1>({&form.from}, form.to)) {
    if (inputs[0].needsGradient) gradient_ = SpreadGradient<1>(stream, lanes, {&form.from}, 0, form.to);
  }

  void forward(Run&) override { forEachElement(stream_, lanes, output.count, Repeated{loops_, valuesOf(inputs[0]), resultOf(output)}); }

  void backward(Run&) override {
    if (inputs[0].needsGradient) gradient_.write(inputs[0], Passed{givenTo(output)});
  }

 private:
  DeviceLoops<1> loops_;
  SpreadGradient<1> gradient_;
};

template <SpreadForm (*formOf)(const NodeContext&)>
std::unique_ptr<Step<float>> makeSpread(StepSpec<float>&& spec, Stream& stream) {
  const SpreadForm form = formOf(spec.context);
  return std::make_unique<SpreadStep>(std::move(spec), stream, form);
}

}  // namespace

const StepTable& spreadSteps() {
  static const StepTable table{{"Expand", makeSpread<expandForm>}, {"Tile", makeSpread<tileForm>}};
  return table;
}

}  // namespace deltalab::cuda
