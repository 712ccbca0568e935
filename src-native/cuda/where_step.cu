#include "spread_gradient.h"
#include "steps.h"

namespace deltalab::cuda {

namespace {

struct Chosen {
  DeviceLoops<3> loops;
  LaneValues<const float> condition, a, b;
  LaneValues<float> y;

  __device__ void operator()(int lane, size_t i) const {
    const auto at = loops.at(i);
    y.of(lane)[i] = condition.of(lane)[at.of[0]] != 0 ? a.of(lane)[at.of[1]] : b.of(lane)[at.of[2]];
  }
};

/** What goes to the input that is chosen where the condition is `wanted`. */
struct Passed {
  LaneValues<const float> condition, dy;
  bool wanted;

  __device__ float operator()(int lane, size_t element, const ptrdiff_t (&of)[2]) const {
    return (condition.of(lane)[of[1]] != 0) == wanted ? dy.of(lane)[element] : 0.0F;
  }
};

/** y = a where the condition is not 0 and b elsewhere, with broadcasting. */
class WhereStep final : public DeviceStep {
 public:
  WhereStep(StepSpec<float>&& spec, Stream& stream)
      : DeviceStep(std::move(spec), stream),
        loops_(broadcastLoops<3>({&inputs[0].shape, &inputs[1].shape, &inputs[2].shape}, output.shape)) {
    for (size_t side = 0; side < 2; ++side) {
      const Operand<float>& target = inputs[side + 1];
      if (target.needsGradient) gradients_[side] = SpreadGradient<2>(stream, lanes, {&target.shape, &inputs[0].shape}, 0, output.shape);
    }
  }

  void forward(Run&) override {
    forEachElement(stream_, lanes, output.count,
                   Chosen{loops_, valuesOf(inputs[0]), valuesOf(inputs[1]), valuesOf(inputs[2]), resultOf(output)});
  }

  void backward(Run&) override {
    for (size_t side = 0; side < 2; ++side) {
      const Operand<float>& target = inputs[side + 1];
      if (target.needsGradient) gradients_[side].write(target, Passed{valuesOf(inputs[0]), givenTo(output), side == 0});
    }
  }

 private:
  DeviceLoops<3> loops_;
  SpreadGradient<2> gradients_[2];
};

}  // namespace

const StepTable& whereSteps() {
  static const StepTable table{{"Where", makeStep<WhereStep>}};
  return table;
}

}  // namespace deltalab::cuda
