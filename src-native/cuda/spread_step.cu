#include "ops/spread_step.h"

#include "copy.h"
#include "steps.h"
#include "sums.h"

namespace deltalab::cuda {

namespace {

struct Repeated {
  DeviceLoops<1> loops;
  LaneValues<const float> x;
  LaneValues<float> y;

  __device__ void operator()(int lane, size_t i) const { y.of(lane)[i] = x.of(lane)[loops.at(i).of[0]]; }
};

/** The sum over the elements that one was spread to. Offsets in y and in x. */
struct Gathered {
  DeviceLoops<2> kept, summed;
  LaneValues<const float> dy;
  LaneValues<float> dx;
  bool accumulate;

  __device__ float term(int lane, size_t i, size_t at) const { return dy.of(lane)[kept.at(i).of[0] + summed.at(at).of[0]]; }
  __device__ void store(int lane, size_t i, double sum) const {
    float* to = dx.of(lane) + kept.at(i).of[1];
    *to = (accumulate ? *to : 0.0F) + static_cast<float>(sum);
  }
};

/** y = x repeated. */
class SpreadStep final : public DeviceStep {
 public:
  SpreadStep(StepSpec<float>&& spec, Stream& stream, const SpreadForm& form)
      : DeviceStep(std::move(spec), stream), loops_(broadcastLoops<1>({&form.from}, form.to)) {
    splitLoops<1>({&form.from}, 0, form.to, kept_, summed_);
  }

  void forward(Run&) override { forEachElement(stream_, lanes, output.count, Repeated{loops_, valuesOf(inputs[0]), resultOf(output)}); }

  void backward(Run&) override {
    const Operand<float>& target = inputs[0];
    if (!target.needsGradient) return;
    sumUp(stream_, lanes, kept_.count, summed_.count, Gathered{kept_, summed_, givenTo(output), gradientOf(target), target.accumulate});
  }

 private:
  DeviceLoops<1> loops_;
  DeviceLoops<2> kept_, summed_;
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
