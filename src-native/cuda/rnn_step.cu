#include "recurrent_step.h"
#include "steps.h"

namespace deltalab::cuda {

namespace {

struct Forward {
  Moment moment;
  CellFunction f;

  __device__ void operator()(int lane, size_t i) const {
    const Moment::Place at = moment.place(lane, i);
    if (moment.ended(at)) return moment.stay(at);
    float& u = moment.gate(0, at);
    u = applied(f, u);
    moment.publish(at, u);
  }
};

struct Backward {
  Moment moment;
  CellFunction f;

  __device__ void operator()(int lane, size_t i) const {
    const Moment::Place at = moment.place(lane, i);
    float& u = moment.gate(0, at);
    if (moment.ended(at)) {
      u = 0;
      return;
    }
    u = moment.given(at) * slopeAt(f, u);
    moment.of(moment.carry, at) = 0;
  }
};

/** The formulas are in ops/rnn.cpp. */
class RnnStep final : public RecurrentStep {
 public:
  RnnStep(StepSpec<float>&& spec, Stream& stream) : RnnStep(std::move(spec), stream, recurrentForm(spec.context, kRnn), spec.mode) {}

 protected:
  void forwardMoment(int d, int t) override {
    multiplyState(d, t, 0, 1);
    forEachUnit(Forward{forwardAt(d, t), function(d, 0)});
  }

  void backwardMoment(int d, int t) override {
    forEachUnit(Backward{backwardAt(d, t), function(d, 0)});
    multiplyBack(d, gatesAt(d, t, 0), 0, 1, carry_, true);
  }

 private:
  RnnStep(StepSpec<float>&& spec, Stream& stream, const RecurrentForm& form, ProgramMode mode)
      : RecurrentStep(std::move(spec), stream, form, form.width(), mode) {}
};

}  // namespace

const StepTable& rnnSteps() {
  static const StepTable table{{"RNN", makeStep<RnnStep>}};
  return table;
}

}  // namespace deltalab::cuda
