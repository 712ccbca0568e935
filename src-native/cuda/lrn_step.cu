#include "ops/lrn_form.h"

#include "device_memory.h"
#include "steps.h"

namespace deltalab::cuda {

namespace {

/** An element of [sample][channels][inner]. */
struct Place {
  size_t sample, channel, inner;

  __device__ Place(const LrnForm& form, size_t i) {
    inner = i % form.inner;
    const size_t row = i / form.inner;
    channel = row % form.channels;
    sample = row / form.channels * form.channels * form.inner;
  }
};

/** s^(-β - further) of the window around an element. */
__device__ float powerAt(const LrnForm& form, const float* x, const Place& at, double further) {
  return powf(static_cast<float>(form.scaleAt(x + at.sample, at.channel, at.inner)), static_cast<float>(-form.beta - further));
}

struct Value {
  LrnForm form;
  LaneValues<const float> x;
  LaneValues<float> y;

  __device__ void operator()(int lane, size_t i) const { y.of(lane)[i] = x.of(lane)[i] * powerAt(form, x.of(lane), Place(form, i), 0); }
};

/** dy x s^(-β-1): what an element gives to every channel of its window. */
struct Share {
  LrnForm form;
  LaneValues<const float> x, dy;
  LaneValues<float> share;

  __device__ void operator()(int lane, size_t i) const {
    share.of(lane)[i] = dy.of(lane)[i] * x.of(lane)[i] * powerAt(form, x.of(lane), Place(form, i), 1);
  }
};

struct Slope {
  LrnForm form;
  LaneValues<const float> x, dy, share;
  LaneValues<float> dx;
  bool accumulate;

  __device__ void operator()(int lane, size_t i) const {
    const Place at(form, i);
    const LrnForm::Window window = form.readersOf(at.channel);
    const float* shares = share.of(lane) + at.sample + at.inner;
    double sum = 0;
    for (size_t k = window.first; k < window.end; ++k) sum += static_cast<double>(shares[k * form.inner]);
    const double own = static_cast<double>(dy.of(lane)[i] * powerAt(form, x.of(lane), at, 0));
    float* to = dx.of(lane) + i;
    *to = (accumulate ? *to : 0.0F) + static_cast<float>(own - 2 * form.share * form.beta * static_cast<double>(x.of(lane)[i]) * sum);
  }
};

/** y = x s^-β; backward as in ops/lrn.cpp. */
class LrnStep final : public DeviceStep {
 public:
  LrnStep(StepSpec<float>&& spec, Stream& stream) : DeviceStep(std::move(spec), stream), form_(lrnForm(spec.context)) {
    if (inputs[0].needsGradient) shares_ = DeviceMemory<float>(stream, output.count * static_cast<size_t>(lanes));
  }

  void forward(Run&) override { forEachElement(stream_, lanes, output.count, Value{form_, valuesOf(inputs[0]), resultOf(output)}); }

  void backward(Run&) override {
    const Operand<float>& x = inputs[0];
    if (!x.needsGradient) return;
    const LaneValues<float> shares{shares_.data(), output.count};
    forEachElement(stream_, lanes, output.count, Share{form_, valuesOf(x), givenTo(output), shares});
    forEachElement(stream_, lanes, output.count,
                   Slope{form_, valuesOf(x), givenTo(output), {shares.data, shares.lane}, gradientOf(x), x.accumulate});
  }

 private:
  LrnForm form_;
  DeviceMemory<float> shares_;
};

}  // namespace

const StepTable& lrnSteps() {
  static const StepTable table{{"LRN", makeStep<LrnStep>}};
  return table;
}

}  // namespace deltalab::cuda
