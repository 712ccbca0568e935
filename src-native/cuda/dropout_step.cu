#include "ops/dropout_draw.h"
#include "steps.h"

namespace deltalab::cuda {

namespace {

/** The factors of a step, drawn where they are needed: nothing is kept for backward. */
struct Factors {
  DropoutDraw draw;
  uint64_t seed;
  /** Null where nothing is counted: the first step. */
  const uint64_t* step;
  float kept;

  /** Of values 2 · pair and 2 · pair + 1. */
  __device__ void of(size_t pair, float (&factors)[2]) const {
    const uint64_t bits = DropoutDraw::bitsOf(draw.keyOf(seed, step ? *step : 0), 2 * pair);
    factors[0] = draw.keepsFirst(bits) ? kept : 0.0F;
    factors[1] = draw.keepsSecond(bits) ? kept : 0.0F;
  }
};

/** Two values a thread; y and mask may be empty. */
struct Value {
  Factors factors;
  size_t count;
  LaneValues<const float> x;
  LaneValues<float> y, mask;

  __device__ void operator()(int lane, size_t pair) const {
    float factor[2];
    factors.of(pair, factor);
    for (size_t i = 0; i < 2 && 2 * pair + i < count; ++i) {
      const size_t at = 2 * pair + i;
      if (y.data) y.of(lane)[at] = x.of(lane)[at] * factor[i];
      if (mask.data) mask.of(lane)[at] = factor[i] > 0 ? 1.0F : 0.0F;
    }
  }
};

/** dy may be empty: nobody read y. */
struct Slope {
  Factors factors;
  size_t count;
  LaneValues<const float> dy;
  LaneValues<float> dx;
  bool accumulate;

  __device__ void operator()(int lane, size_t pair) const {
    float factor[2];
    factors.of(pair, factor);
    for (size_t i = 0; i < 2 && 2 * pair + i < count; ++i) {
      const size_t at = 2 * pair + i;
      float* to = dx.of(lane) + at;
      *to = (accumulate ? *to : 0.0F) + (dy.data ? dy.of(lane)[at] * factor[i] : 0.0F);
    }
  }
};

class DropoutStep final : public DeviceStep {
 public:
  DropoutStep(StepSpec<float>&& spec, Stream& stream) : DropoutStep(std::move(spec), stream, dropoutDraw(spec.context, spec.mode, spec.node)) {}

  void forward(Run& run) override {
    const Operand<float>& x = inputs[0];
    Value value{factors(run), x.count, valuesOf(x), {}, {}};
    if (output) value.y = resultOf(output);
    if (outputs.size() > 1 && outputs[1]) value.mask = resultOf(outputs[1]);
    forEachElement(stream_, lanes, (x.count + 1) / 2, value);
  }

  void backward(Run& run) override {
    const Operand<float>& x = inputs[0];
    if (!x.needsGradient) return;
    Slope slope{factors(run), x.count, {}, gradientOf(x), x.accumulate};
    if (output.needsGradient) slope.dy = givenTo(output);
    forEachElement(stream_, lanes, (x.count + 1) / 2, slope);
  }

 private:
  DropoutStep(StepSpec<float>&& spec, Stream& stream, const DropoutDraw& draw) : DeviceStep(std::move(spec), stream), draw_(draw) {}

  Factors factors(const Run& run) const { return {draw_, run.random.seed, run.device.step, static_cast<float>(draw_.kept)}; }

  DropoutDraw draw_;
};

}  // namespace

const StepTable& dropoutSteps() {
  static const StepTable table{{"Dropout", makeStep<DropoutStep>}};
  return table;
}

}  // namespace deltalab::cuda
