#include "ops/logic_functions.h"
#include "steps.h"

namespace deltalab::cuda {

namespace {

template <class Statement>
struct Truth {
  DeviceLoops<2> loops;
  LaneValues<const float> a, b;
  LaneValues<float> y;

  __device__ void operator()(int lane, size_t i) const {
    const auto at = loops.at(i);
    y.of(lane)[i] = Statement::holds(a.of(lane)[at.of[0]], b.of(lane)[at.of[1]]) ? 1.0F : 0.0F;
  }
};

/** y = 1 where a statement about a and b holds and 0 elsewhere, with broadcasting. Has no gradient. */
template <class Statement>
class LogicStep final : public DeviceStep {
 public:
  LogicStep(StepSpec<float>&& spec, Stream& stream)
      : DeviceStep(std::move(spec), stream), loops_(broadcastLoops<2>({&inputs[0].shape, &inputs[1].shape}, output.shape)) {}

  void forward(Run&) override {
    forEachElement(stream_, lanes, output.count, Truth<Statement>{loops_, valuesOf(inputs[0]), valuesOf(inputs[1]), resultOf(output)});
  }
  void backward(Run&) override {}

 private:
  DeviceLoops<2> loops_;
};

}  // namespace

const StepTable& logicSteps() {
  static const StepTable table{
    {"And", makeStep<LogicStep<And>>},
    {"Equal", makeStep<LogicStep<Equal>>},
    {"Greater", makeStep<LogicStep<Greater>>},
    {"GreaterOrEqual", makeStep<LogicStep<GreaterOrEqual>>},
    {"Less", makeStep<LogicStep<Less>>},
    {"LessOrEqual", makeStep<LogicStep<LessOrEqual>>},
    {"Or", makeStep<LogicStep<Or>>},
    {"Xor", makeStep<LogicStep<Xor>>},
  };
  return table;
}

}  // namespace deltalab::cuda
