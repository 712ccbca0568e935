#include "core/sample.h"
#include "recurrent_step.h"
#include "table.h"

namespace deltalab {

namespace {

/**
 * Gates in the order of ONNX: update z, reset r, hidden n. The reset gate takes part of the state before the product with R, or (linear
 * _before_reset 1, PyTorch's way) of the product; `side` holds what is multiplied: r · h, or R h + Rb.
 */
template <class T>
class GruStep : public RecurrentStep<T> {
 public:
  explicit GruStep(StepSpec<T>&& spec)
      : GruStep(std::move(spec), recurrentForm(spec.context, kGru), spec.context.integer("linear_before_reset", 0) != 0, spec.mode) {}

 protected:
  void forwardMoment(Run& run, int d, int t) override {
    const int n = this->form_.hidden;
    this->multiplyState(run, d, t, 0, 2 * n);
    if (afterProduct_) multiplySide(run, d, t);
    this->forEachRow(run, [&](int lane, size_t row) {
      T* gates = this->gatesAt(lane, d, t, row);
      T* side = sideAt(lane, d, t, row);
      const T* old = this->stateAt(lane, d, this->slotBefore(d, t), row);
      const T* r = gates + this->hidden();
      applyCell(this->function(d, 0), gates, 2 * this->hidden());
      if (afterProduct_) {
        T* u = gates + 2 * this->hidden();
        for (size_t i = 0; i < this->hidden(); ++i) u[i] += r[i] * side[i];
        mix(lane, d, t, row);
      } else {
        for (size_t i = 0; i < this->hidden(); ++i) side[i] = r[i] * old[i];
      }
    });
    if (afterProduct_) return;
    multiplySide(run, d, t);
    this->forEachRow(run, [&](int lane, size_t row) { mix(lane, d, t, row); });
  }

  void backwardMoment(Run& run, int d, int t) override {
    this->forEachRow(run, [&](int lane, size_t row) {
      const size_t n = this->hidden();
      T* side = sideAt(lane, d, t, row);
      T* dh = this->takeGradient(lane, d, t, row);
      if (!dh) {
        std::fill_n(side, n, T(0));
        return;
      }
      T* z = this->gatesAt(lane, d, t, row);
      T* r = z + n;
      T* u = z + 2 * n;
      T* slopes = slopes_.at(lane, 0, 0) + row * 3 * n;
      const T* old = this->stateAt(lane, d, this->slotBefore(d, t), row);
      for (size_t i = 0; i < n; ++i) slopes[i] = dh[i] * (old[i] - u[i]);
      for (size_t i = 0; i < n; ++i) slopes[2 * n + i] = dh[i] * (1 - z[i]);
      for (size_t i = 0; i < n; ++i) dh[i] *= z[i];
      applyCellSlope(this->function(d, 0), z, slopes, z, n);
      applyCellSlope(this->function(d, 1), u, slopes + 2 * n, u, n);
      if (!afterProduct_) return;
      for (size_t i = 0; i < n; ++i) slopes[n + i] = u[i] * side[i];
      for (size_t i = 0; i < n; ++i) side[i] = u[i] * r[i];
      applyCellSlope(this->function(d, 0), r, slopes + n, r, n);
    });
    const int n = this->form_.hidden;
    if (afterProduct_) {
      this->multiplyBack(run, d, sideGradients(d), t, 2 * n, n, this->carry_, true);
    } else {
      this->multiplyBack(run, d, this->gateGradients(d, 2 * this->hidden()), t, 2 * n, n, sideCarry_, false);
      this->forEachRow(run, [&](int lane, size_t row) {
        if (this->ended(lane, t, row)) return;
        const size_t count = this->hidden();
        T* r = this->gatesAt(lane, d, t, row) + count;
        T* slopes = slopes_.at(lane, 0, 0) + row * 3 * count + count;
        T* dh = this->carry_.at(lane, d, 0) + row * count;
        const T* ds = sideCarry_.at(lane, d, 0) + row * count;
        const T* old = this->stateAt(lane, d, this->slotBefore(d, t), row);
        for (size_t i = 0; i < count; ++i) dh[i] += ds[i] * r[i];
        for (size_t i = 0; i < count; ++i) slopes[i] = ds[i] * old[i];
        applyCellSlope(this->function(d, 0), r, slopes, r, count);
      });
    }
    this->multiplyBack(run, d, this->gateGradients(d, 0), t, 0, 2 * n, this->carry_, true);
  }

  void gradientOfR(Run& run, int d) override {
    const size_t n = this->hidden();
    this->multiplyForR(run, d, 0, 2 * n, this->gateGradients(d, 0), this->states_, this->slotBefore(d, 0));
    if (afterProduct_) this->multiplyForR(run, d, 2 * n, n, sideGradients(d), this->states_, this->slotBefore(d, 0));
    else this->multiplyForR(run, d, 2 * n, n, this->gateGradients(d, 2 * n), side_, 0);
  }

  void gradientOfB(Run& run, int d) override {
    if (!afterProduct_) return RecurrentStep<T>::gradientOfB(run, d);
    const size_t n = this->hidden();
    forEachLane(run, this->gateCount(), [&](int lane) {
      T* to = this->inputs[3].gradient(lane) + static_cast<size_t>(d) * 6 * n;
      this->sumColumns(this->gates_.at(lane, d, 0), 3 * n, 3 * n, to);
      this->sumColumns(this->gates_.at(lane, d, 0), 3 * n, 2 * n, to + 3 * n);
      this->sumColumns(side_.at(lane, d, 0), n, n, to + 5 * n);
    });
  }

 private:
  using typename RecurrentStep<T>::Gradients;

  GruStep(StepSpec<T>&& spec, RecurrentForm form, bool afterProduct, ProgramMode mode)
      : RecurrentStep<T>(std::move(spec), form, (afterProduct ? 2 : 3) * form.hidden, mode), afterProduct_(afterProduct) {
    const bool keeps = mode != ProgramMode::Inference;
    side_ = History<T>(this->lanes, form.directions, keeps ? form.steps : 1, this->stateSize());
    if (!keeps) return;
    slopes_ = History<T>(this->lanes, 1, 1, this->rows() * this->width());
    if (!afterProduct) sideCarry_ = History<T>(this->lanes, form.directions, 1, this->stateSize());
  }

  T* sideAt(int lane, int d, int t, size_t row) { return side_.at(lane, d, t) + row * this->hidden(); }
  Gradients sideGradients(int d) { return {side_.at(0, d, 0), this->hidden(), side_.laneStride()}; }

  /** The product with the last block of R: side = R h + Rb, or gates += R side. */
  void multiplySide(Run& run, int d, int t) {
    const size_t n = this->hidden(), last = 2 * n;
    Product<T> product{};
    product.m = this->form_.batch;
    product.n = this->form_.hidden;
    product.k = this->form_.hidden;
    product.lda = n;
    product.alpha = 1;
    product.b = this->turnedAt(d) + last;
    product.ldb = this->width();
    product.bLane = this->turnedLane();
    if (afterProduct_) {
      product.a = this->states_.at(0, d, this->slotBefore(d, t));
      product.aLane = this->states_.laneStride();
      product.c = side_.at(0, d, t);
      product.ldc = n;
      product.cLane = side_.laneStride();
      if (this->has(3)) {
        product.bias = this->inputs[3].storage->data + static_cast<size_t>(d) * 6 * n + 5 * n;
        product.biasLane = this->inputs[3].storage->laneStride;
      }
    } else {
      product.a = side_.at(0, d, t);
      product.aLane = side_.laneStride();
      product.c = this->gates_.at(0, d, t) + last;
      product.ldc = this->width();
      product.cLane = this->gates_.laneStride();
      product.accumulate = true;
    }
    multiply(product, run);
  }

  /** h_t = (1 - z) · n + z · h_(t-1). */
  void mix(int lane, int d, int t, size_t row) {
    const bool over = this->ended(lane, t, row);
    if (!over) {
      const T* z = this->gatesAt(lane, d, t, row);
      T* u = this->gatesAt(lane, d, t, row) + 2 * this->hidden();
      const T* old = this->stateAt(lane, d, this->slotBefore(d, t), row);
      T* state = this->stateAt(lane, d, this->slotAfter(d, t), row);
      applyCell(this->function(d, 1), u, this->hidden());
      for (size_t i = 0; i < this->hidden(); ++i) state[i] = (1 - z[i]) * u[i] + z[i] * old[i];
    }
    this->publish(lane, d, t, row, over);
  }

  bool afterProduct_;
  /** Of every moment: what the reset gate multiplies or gives; in backward, where it follows the product, the gradient of R h + Rb. */
  History<T> side_;
  History<T> sideCarry_;
  History<T> slopes_;
};

std::vector<OperatorSample> samples(int64_t batch) {
  const Attribute hidden = number("hidden_size", 2);
  std::vector<OperatorSample> result;
  for (int after : {0, 1}) {
    const Attribute reset = number("linear_before_reset", after);
    result.push_back({{input({4, batch, 3}), input({1, 6, 3}), input({1, 6, 2}), input({1, 12})}, {hidden, reset}});
    result.push_back(
        {{input({3, batch, 2}), input({2, 6, 2}), input({2, 6, 2}), input({2, 12}), omittedInput(), input({2, batch, 2})},
         {hidden, reset, text("direction", "bidirectional")},
         2});
    result.push_back({{input({3, batch, 2}), input({1, 6, 2}), input({1, 6, 2})}, {hidden, reset, text("direction", "reverse")}, 2});
    result.push_back({{input({3, batch, 2}), input({1, 6, 2}), input({1, 6, 2}), input({1, 12})},
                      {hidden, reset, number("clip", 0.6), texts("activations", {"Sigmoid", "LeakyRelu"}), numbers("activation_alpha", {0.3})},
                      2});
  }
  return result;
}

}  // namespace

/**
 * z, r = f(W x_t + R h_(t-1) + biases), n = g(W x_t + R (r · h_(t-1)) + biases), h_t = (1 - z) · n + z · h_(t-1). With linear_before_reset 1:
 * n = g(W x_t + Wb + r · (R h_(t-1) + Rb)). ONNX GRU, opset 14.
 */
OperatorDefinition gruOperator() {
  OperatorDefinition definition;
  definition.opType = "GRU";
  definition.minInputs = 3;
  definition.maxInputs = 6;
  definition.maxOutputs = 2;
  definition.attributes = {"activation_alpha", "activation_beta", "activations", "clip", "direction", "hidden_size", "layout", "linear_before_reset"};
  definition.indices = {4};
  definition.shapes = [](const NodeContext& context) { return recurrentShapes(recurrentForm(context, kGru)); };
  definition.reads = [](const NodeContext&) { return BackwardReads{true, false}; };
  definition.useSteps<GruStep>();
  definition.samples = samples;
  return definition;
}

}  // namespace deltalab
