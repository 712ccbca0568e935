#include "recurrent_step.h"
#include "steps.h"

namespace deltalab::cuda {

namespace {

/** Gates in the order of ONNX. */
constexpr size_t kInput = 0, kOutput = 1, kForget = 2, kCell = 3;

struct LstmMoment : Moment {
  CellFunction f, g, h;
  /** The cell around the moment, h(cell) and, in backward, the gradient of the cell. */
  SampleRows<float> cellBefore, cellAfter, shown, cellCarry;
  /** [3][hidden], of input, output and forget gate; empty without them. */
  LaneValues<const float> peepholes;
  /** The forget gate is 1 - the input gate. */
  bool coupled;

  /** The weight of a gate's peephole times what it sees; 0 without peepholes. */
  __device__ float peephole(size_t which, const Place& at, float seen) const {
    return peepholes.data ? peepholes.of(at.lane)[which * hidden + at.unit] * seen : 0.0F;
  }
};

struct Forward {
  LstmMoment m;

  __device__ void operator()(int lane, size_t index) const {
    const Moment::Place at = m.place(lane, index);
    const float old = m.of(m.cellBefore, at);
    if (m.ended(at)) {
      m.of(m.cellAfter, at) = old;
      return m.stay(at);
    }
    float &i = m.gate(kInput, at), &o = m.gate(kOutput, at), &f = m.gate(kForget, at), &g = m.gate(kCell, at);
    i = applied(m.f, i + m.peephole(kInput, at, old));
    f = m.coupled ? 1 - i : applied(m.f, f + m.peephole(kForget, at, old));
    g = applied(m.g, g);
    const float cell = f * old + i * g;
    o = applied(m.f, o + m.peephole(kOutput, at, cell));
    const float shown = applied(m.h, cell);
    m.of(m.cellAfter, at) = cell;
    m.of(m.shown, at) = shown;
    m.publish(at, o * shown);
  }
};

/** The gradients of the gates before their activations, in their place. */
struct Backward {
  LstmMoment m;

  __device__ void operator()(int lane, size_t index) const {
    const Moment::Place at = m.place(lane, index);
    float &i = m.gate(kInput, at), &o = m.gate(kOutput, at), &f = m.gate(kForget, at), &g = m.gate(kCell, at);
    if (m.ended(at)) {
      i = o = f = g = 0;
      return;
    }
    const float dh = m.given(at), shown = m.of(m.shown, at);
    const float dOutput = dh * shown * slopeAt(m.f, o);
    const float dc = m.of(m.cellCarry, at) + dh * o * slopeAt(m.h, shown) + m.peephole(kOutput, at, dOutput);
    float di = dc * g, df = dc * m.of(m.cellBefore, at);
    if (m.coupled) {
      di -= df;
      df = 0;
    }
    const float dInput = di * slopeAt(m.f, i), dForget = df * slopeAt(m.f, f), dCell = dc * i * slopeAt(m.g, g);
    m.of(m.cellCarry, at) = dc * f + m.peephole(kInput, at, dInput) + m.peephole(kForget, at, dForget);
    m.of(m.carry, at) = 0;
    i = dInput;
    o = dOutput;
    f = dForget;
    g = dCell;
  }
};

/** ∂P: input and forget gate look at the old cell, the output gate at the new one. */
struct PeepholeSums {
  LaneValues<const float> gates;
  /** Of the moments 0 ..., whichever way the time goes. */
  LaneValues<const float> cellsBefore, cellsAfter;
  LaneValues<float> to;
  size_t hidden;
  bool accumulate;

  __device__ Sums<1> term(int lane, size_t i, size_t row, size_t) const {
    const size_t gate = quotient(i, hidden), unit = i - gate * hidden;
    const float cell = (gate == kOutput ? cellsAfter : cellsBefore).of(lane)[row * hidden + unit];
    return {{static_cast<double>(gates.of(lane)[row * 4 * hidden + i]) * static_cast<double>(cell)}};
  }
  __device__ void store(int lane, size_t i, const Sums<1>& sums) const {
    float* at = to.of(lane) + i;
    *at = (accumulate ? *at : 0.0F) + static_cast<float>(sums.of[0]);
  }
};

/** The formulas are in ops/lstm.cpp. */
class LstmStep final : public RecurrentStep {
 public:
  LstmStep(StepSpec<float>&& spec, Stream& stream)
      : LstmStep(std::move(spec), stream, recurrentForm(spec.context, kLstm), spec.context.integer("input_forget", 0) != 0, spec.mode) {}

 protected:
  void begin(int d) override { loadState(6, d, statesOf(cells_, d, slotBefore(d, moment(d, 0)))); }
  void end(int d) override { storeState(2, d, statesOf(cells_, d, slotAfter(d, lastMoment(d)))); }

  void forwardMoment(int d, int t) override {
    multiplyState(d, t, 0, 4);
    forEachUnit(Forward{lstmMoment(forwardAt(d, t), d, t)});
  }

  void beginBackward(int d) override { loadStateGradient(2, d, statesOf(cellCarry_, d, 0)); }

  void backwardMoment(int d, int t) override {
    LstmMoment moment = lstmMoment(backwardAt(d, t), d, t);
    moment.cellCarry = statesOf(cellCarry_, d, 0);
    forEachUnit(Backward{moment});
    multiplyBack(d, gatesAt(d, t, 0), 0, 4, carry_, true);
  }

  void finishBackward() override {
    if (needsGradient(6)) gradientOfState(6, cellCarry_);
    for (int d = 0; d < form_.directions && needsGradient(7); ++d) gradientOfPeepholes(d);
  }

 private:
  LstmStep(StepSpec<float>&& spec, Stream& stream, const RecurrentForm& form, bool coupled, ProgramMode mode)
      : RecurrentStep(std::move(spec), stream, form, form.width(), mode), coupled_(coupled) {
    const bool keeps = mode != ProgramMode::Inference;
    cells_ = history(form_.directions, slots_, stateSize());
    shown_ = history(form_.directions, keeps ? form_.steps : 1, stateSize());
    if (!keeps) return;
    cellCarry_ = history(form_.directions, 1, stateSize());
    if (needsGradient(7)) peepholeSums_ = PlaneSums<1>(stream_, lanes, {moments(), 3 * hidden(), 1});
  }

  LstmMoment lstmMoment(const Moment& moment, int d, int t) {
    LstmMoment own{};
    static_cast<Moment&>(own) = moment;
    own.f = function(d, 0);
    own.g = function(d, 1);
    own.h = function(d, 2);
    own.cellBefore = statesOf(cells_, d, slotBefore(d, t));
    own.cellAfter = statesOf(cells_, d, slotAfter(d, t));
    own.shown = statesOf(shown_, d, t);
    if (has(7)) own.peepholes = {valuesOf(inputs[7]).data + static_cast<size_t>(d) * 3 * hidden(), inputs[7].storage->laneStride};
    own.coupled = coupled_;
    return own;
  }

  void gradientOfPeepholes(int d) {
    const LaneValues<float> to{gradientOf(inputs[7]).data + static_cast<size_t>(d) * 3 * hidden(), inputs[7].storage->laneStride};
    const LaneValues<const float> gates{gates_.at(0, d, 0), gates_.laneStride()};
    const LaneValues<const float> before{cells_.at(0, d, slotBefore(d, 0)), cells_.laneStride()};
    const LaneValues<const float> after{cells_.at(0, d, slotAfter(d, 0)), cells_.laneStride()};
    peepholeSums_.sumUp(PeepholeSums{gates, before, after, to, hidden(), inputs[7].accumulate});
  }

  bool coupled_;
  /** The cell, in the slots of the states. */
  CardHistory cells_;
  /** h(cell) of every moment. */
  CardHistory shown_;
  CardHistory cellCarry_;
  PlaneSums<1> peepholeSums_;
};

}  // namespace

const StepTable& lstmSteps() {
  static const StepTable table{{"LSTM", makeStep<LstmStep>}};
  return table;
}

}  // namespace deltalab::cuda
