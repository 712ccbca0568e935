#include "core/sample.h"
#include "recurrent_step.h"
#include "table.h"

namespace deltalab {

namespace {

template <class T>
class RnnStep : public RecurrentStep<T> {
 public:
  explicit RnnStep(StepSpec<T>&& spec) : RnnStep(std::move(spec), recurrentForm(spec.context, kRnn), spec.mode) {}

 protected:
  void forwardMoment(Run& run, int d, int t) override {
    this->multiplyState(run, d, t, 0, this->form_.hidden);
    this->forEachRow(run, [&](int lane, size_t row) {
      const bool over = this->ended(lane, t, row);
      if (!over) {
        T* u = this->gatesAt(lane, d, t, row);
        applyCell(this->function(d, 0), u, this->hidden());
        std::copy_n(u, this->hidden(), this->stateAt(lane, d, this->slotAfter(d, t), row));
      }
      this->publish(lane, d, t, row, over);
    });
  }

  void backwardMoment(Run& run, int d, int t) override {
    this->forEachRow(run, [&](int lane, size_t row) {
      T* dh = this->takeGradient(lane, d, t, row);
      if (!dh) return;
      T* u = this->gatesAt(lane, d, t, row);
      applyCellSlope(this->function(d, 0), u, dh, u, this->hidden());
      std::fill_n(dh, this->hidden(), T(0));
    });
    this->multiplyBack(run, d, this->gateGradients(d, 0), t, 0, this->form_.hidden, this->carry_, true);
  }

 private:
  RnnStep(StepSpec<T>&& spec, RecurrentForm form, ProgramMode mode)
      : RecurrentStep<T>(std::move(spec), form, form.width(), mode) {}
};

std::vector<OperatorSample> samples(int64_t batch) {
  const Attribute hidden = number("hidden_size", 3);
  return {{{input({4, batch, 2}), input({1, 3, 2}), input({1, 3, 3}), input({1, 6})}, {hidden}},
          {{input({3, batch, 2}), input({2, 3, 2}), input({2, 3, 3}), input({2, 6}), omittedInput(), input({2, batch, 3})},
           {hidden, text("direction", "bidirectional"), texts("activations", {"Tanh", "Sigmoid"})},
           2},
          {{input({3, batch, 2}), input({1, 3, 2}), input({1, 3, 3})}, {hidden, text("direction", "reverse")}, 2},
          {{input({4, batch, 2}), input({1, 3, 2}), input({1, 3, 3}), input({1, 6})}, {hidden, number("clip", 0.8)}, 2},
          {{input({3, batch, 2}), input({2, 3, 2}), input({2, 3, 3}), input({2, 6})},
           {hidden, text("direction", "bidirectional"), texts("activations", {"ThresholdedRelu", "Softplus"}), numbers("activation_alpha", {0.4})},
           2}};
}

}  // namespace

/** h_t = f(W x_t + R h_(t-1) + Wb + Rb). ONNX RNN, opset 14. */
OperatorDefinition rnnOperator() {
  OperatorDefinition definition;
  definition.opType = "RNN";
  definition.minInputs = 3;
  definition.maxInputs = 6;
  definition.maxOutputs = 2;
  definition.attributes = {"activation_alpha", "activation_beta", "activations", "clip", "direction", "hidden_size", "layout"};
  definition.indices = {4};
  definition.shapes = [](const NodeContext& context) { return recurrentShapes(recurrentForm(context, kRnn)); };
  definition.reads = [](const NodeContext&) { return BackwardReads{true, false}; };
  definition.useSteps<RnnStep>();
  definition.samples = samples;
  return definition;
}

}  // namespace deltalab
