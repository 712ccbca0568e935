#include "core/sample.h"
#include "recurrent_step.h"
#include "table.h"

namespace deltalab {

namespace {

/** Gates in the order of ONNX: input, output, forget, cell. */
template <class T>
class LstmStep : public RecurrentStep<T> {
 public:
  explicit LstmStep(StepSpec<T>&& spec)
      : LstmStep(std::move(spec), recurrentForm(spec.context, kLstm), spec.context.integer("input_forget", 0) != 0, spec.mode) {}

 protected:
  void begin(Run& run, int d) override {
    forEachLane(run, this->stateSize(), [&](int lane) {
      this->loadState(6, lane, d, cells_.at(lane, d, this->slotBefore(d, this->firstMoment(d))));
    });
  }

  void end(Run& run, int d) override {
    const int last = this->slotAfter(d, this->moment(d, this->form_.steps - 1));
    forEachLane(run, this->stateSize(), [&](int lane) { this->storeState(2, lane, d, cells_.at(lane, d, last)); });
  }

  void forwardMoment(Run& run, int d, int t) override {
    this->multiplyState(run, d, t, 0, this->form_.width());
    const CellFunction &f = this->function(d, 0), &g = this->function(d, 1), &h = this->function(d, 2);
    this->forEachRow(run, [&](int lane, size_t row) {
      const size_t n = this->hidden();
      const T* old = cellAt(lane, d, this->slotBefore(d, t), row);
      T* cell = cellAt(lane, d, this->slotAfter(d, t), row);
      const bool over = this->ended(lane, t, row);
      if (over) {
        std::copy_n(old, n, cell);
        return this->publish(lane, d, t, row, true);
      }
      T* z = this->gatesAt(lane, d, t, row);
      const T* p = peepholes(lane, d);
      if (p) {
        for (size_t i = 0; i < n; ++i) z[i] += p[i] * old[i];
        for (size_t i = 0; i < n; ++i) z[2 * n + i] += p[2 * n + i] * old[i];
        applyCell(f, z, n);
        applyCell(f, z + 2 * n, n);
      } else {
        applyCell(f, z, 3 * n);
      }
      if (coupled_) {
        for (size_t i = 0; i < n; ++i) z[2 * n + i] = 1 - z[i];
      }
      applyCell(g, z + 3 * n, n);
      for (size_t i = 0; i < n; ++i) cell[i] = z[2 * n + i] * old[i] + z[i] * z[3 * n + i];
      if (p) {
        for (size_t i = 0; i < n; ++i) z[n + i] += p[n + i] * cell[i];
        applyCell(f, z + n, n);
      }
      T* shown = shownAt(lane, d, t, row);
      std::copy_n(cell, n, shown);
      applyCell(h, shown, n);
      T* state = this->stateAt(lane, d, this->slotAfter(d, t), row);
      for (size_t i = 0; i < n; ++i) state[i] = z[n + i] * shown[i];
      this->publish(lane, d, t, row, false);
    });
  }

  void beginBackward(Run& run, int d) override {
    forEachLane(run, this->stateSize(), [&](int lane) { this->loadStateGradient(2, lane, d, cellCarry_.at(lane, d, 0)); });
  }

  void backwardMoment(Run& run, int d, int t) override {
    const CellFunction &f = this->function(d, 0), &g = this->function(d, 1), &h = this->function(d, 2);
    this->forEachRow(run, [&](int lane, size_t row) {
      T* dh = this->takeGradient(lane, d, t, row);
      if (!dh) return;
      const size_t n = this->hidden();
      T* z = this->gatesAt(lane, d, t, row);
      T* dz = slopes_.at(lane, 0, 0) + row * 4 * n;
      T* dc = cellCarry_.at(lane, d, 0) + row * n;
      const T* old = cellAt(lane, d, this->slotBefore(d, t), row);
      const T* shown = shownAt(lane, d, t, row);
      const T* p = peepholes(lane, d);
      for (size_t i = 0; i < n; ++i) dz[n + i] = dh[i] * shown[i];
      for (size_t i = 0; i < n; ++i) dz[3 * n + i] = dh[i] * z[n + i];
      applyCellSlope(h, shown, dz + 3 * n, dz + 3 * n, n);
      for (size_t i = 0; i < n; ++i) dc[i] += dz[3 * n + i];
      if (p) {
        applyCellSlope(f, z + n, dz + n, z + n, n);
        for (size_t i = 0; i < n; ++i) dc[i] += p[n + i] * z[n + i];
      }
      for (size_t i = 0; i < n; ++i) dz[i] = dc[i] * z[3 * n + i];
      for (size_t i = 0; i < n; ++i) dz[2 * n + i] = dc[i] * old[i];
      if (coupled_) {
        for (size_t i = 0; i < n; ++i) dz[i] -= dz[2 * n + i];
        std::fill_n(dz + 2 * n, n, T(0));
      }
      for (size_t i = 0; i < n; ++i) dz[3 * n + i] = dc[i] * z[i];
      for (size_t i = 0; i < n; ++i) dc[i] *= z[2 * n + i];
      if (p) {
        applyCellSlope(f, z, dz, z, n);
        applyCellSlope(f, z + 2 * n, dz + 2 * n, z + 2 * n, n);
        for (size_t i = 0; i < n; ++i) dc[i] += p[i] * z[i] + p[2 * n + i] * z[2 * n + i];
      } else {
        applyCellSlope(f, z, dz, z, 3 * n);
      }
      applyCellSlope(g, z + 3 * n, dz + 3 * n, z + 3 * n, n);
      std::fill_n(dh, n, T(0));
    });
    this->multiplyBack(run, d, this->gateGradients(d, 0), t, 0, this->form_.width(), this->carry_, true);
  }

  void finishBackward(Run& run) override {
    if (this->needsGradient(6)) this->gradientOfState(run, 6, cellCarry_);
    if (this->needsGradient(7)) gradientOfPeepholes(run);
  }

 private:
  LstmStep(StepSpec<T>&& spec, RecurrentForm form, bool coupled, ProgramMode mode)
      : RecurrentStep<T>(std::move(spec), form, form.width(), mode), coupled_(coupled) {
    const int directions = form.directions;
    const bool keeps = mode != ProgramMode::Inference;
    cells_ = History<T>(this->lanes, directions, this->slots_, this->stateSize());
    shown_ = History<T>(this->lanes, directions, keeps ? form.steps : 1, this->stateSize());
    if (!keeps) return;
    cellCarry_ = History<T>(this->lanes, directions, 1, this->stateSize());
    slopes_ = History<T>(this->lanes, 1, 1, this->rows() * this->width());
  }

  T* cellAt(int lane, int d, int slot, size_t row) { return cells_.at(lane, d, slot) + row * this->hidden(); }
  T* shownAt(int lane, int d, int t, size_t row) { return shown_.at(lane, d, t) + row * this->hidden(); }
  /** Of input, output and forget gate; null without them. */
  const T* peepholes(int lane, int d) const {
    return this->has(7) ? this->inputs[7].data(lane) + static_cast<size_t>(d) * 3 * this->hidden() : nullptr;
  }

  /** Input and forget gate look at the old cell, the output gate at the new one. */
  void gradientOfPeepholes(Run& run) {
    const Operand<T>& target = this->inputs[7];
    forEachLane(run, this->gateCount(), [&](int lane) {
      for (int d = 0; d < this->form_.directions; ++d) {
        for (size_t i = 0; i < 3 * this->hidden(); ++i) {
          const size_t gate = i / this->hidden(), at = i % this->hidden();
          double sum = 0;
          for (int t = 0; t < this->form_.steps; ++t) {
            const int slot = gate == 1 ? this->slotAfter(d, t) : this->slotBefore(d, t);
            for (size_t row = 0; row < this->rows(); ++row) {
              sum += static_cast<double>(this->gatesAt(lane, d, t, row)[i]) * static_cast<double>(cellAt(lane, d, slot, row)[at]);
            }
          }
          T& to = target.gradient(lane)[static_cast<size_t>(d) * 3 * this->hidden() + i];
          to = target.accumulate ? to + static_cast<T>(sum) : static_cast<T>(sum);
        }
      }
    });
  }

  /** The forget gate is 1 - the input gate. */
  bool coupled_;
  /** The cell, in the slots of the states. */
  History<T> cells_;
  /** h(cell) of every moment. */
  History<T> shown_;
  History<T> cellCarry_;
  /** Gradients of the activated gates of one moment. */
  History<T> slopes_;
};

std::vector<OperatorSample> samples(int64_t batch) {
  const Attribute hidden = number("hidden_size", 2);
  return {{{input({4, batch, 3}), input({1, 8, 3}), input({1, 8, 2}), input({1, 16})}, {hidden}},
          {{input({3, batch, 2}), input({2, 8, 2}), input({2, 8, 2}), input({2, 16}), omittedInput(), input({2, batch, 2}),
            input({2, batch, 2})},
           {hidden, text("direction", "bidirectional")},
           3},
          {{input({3, batch, 2}), input({1, 8, 2}), input({1, 8, 2}), input({1, 16}), omittedInput(), omittedInput(), omittedInput(),
            input({1, 6})},
           {hidden, text("direction", "reverse")},
           3},
          {{input({4, batch, 2}), input({1, 8, 2}), input({1, 8, 2}), input({1, 16})}, {hidden, number("input_forget", 1), number("clip", 0.7)}, 3},
          {{input({4, batch, 2}), input({2, 8, 2}), input({2, 8, 2}), input({2, 16})},
           {hidden, text("direction", "bidirectional"),
            texts("activations", {"HardSigmoid", "Softsign", "ScaledTanh", "Sigmoid", "Elu", "Affine"}),
            numbers("activation_alpha", {0.25, 1.2, 0.8, 0.7}), numbers("activation_beta", {0.4, 0.6, 0.1})},
           3}};
}

}  // namespace

/**
 * i, o, f = f(W x_t + R h_(t-1) + P c + biases), c_t = f · c_(t-1) + i · g(...), h_t = o · h(c_t). ONNX LSTM, opset 14; P are the optional
 * peepholes. With `input_forget` f = 1 - i.
 */
OperatorDefinition lstmOperator() {
  OperatorDefinition definition;
  definition.opType = "LSTM";
  definition.minInputs = 3;
  definition.maxInputs = 8;
  definition.maxOutputs = 3;
  definition.attributes = {"activation_alpha", "activation_beta", "activations", "clip", "direction", "hidden_size", "input_forget", "layout"};
  definition.indices = {4};
  definition.shapes = [](const NodeContext& context) { return recurrentShapes(recurrentForm(context, kLstm)); };
  definition.reads = [](const NodeContext&) { return BackwardReads{true, false}; };
  definition.useSteps<LstmStep>();
  definition.samples = samples;
  return definition;
}

}  // namespace deltalab
