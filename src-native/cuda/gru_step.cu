#include "recurrent_step.h"
#include "steps.h"

namespace deltalab::cuda {

namespace {

/** Gates in the order of ONNX: update z, reset r, hidden n. */
constexpr size_t kUpdate = 0, kReset = 1, kHidden = 2;

/** A moment and what the reset gate multiplies or gives: R h + Rb, or r · h. In backward their gradients. */
struct GruMoment : Moment {
  SampleRows<float> side;
  CellFunction f, g;

  /** h_t = (1 - z) · n + z · h_(t-1), of the gate n before its activation. */
  __device__ void mix(const Place& at, float hidden) const {
    float& u = gate(kHidden, at);
    u = applied(g, hidden);
    const float z = gate(kUpdate, at);
    publish(at, (1 - z) * u + z * of(before, at));
  }
};

/** After the products, linear_before_reset 1. */
struct ForwardAfter {
  GruMoment moment;

  __device__ void operator()(int lane, size_t i) const {
    const Moment::Place at = moment.place(lane, i);
    if (moment.ended(at)) return moment.stay(at);
    float &z = moment.gate(kUpdate, at), &r = moment.gate(kReset, at);
    z = applied(moment.f, z);
    r = applied(moment.f, r);
    moment.mix(at, moment.gate(kHidden, at) + r * moment.of(moment.side, at));
  }
};

/** z, r and side = r · h, before the product of the latter. */
struct ForwardReset {
  GruMoment moment;

  __device__ void operator()(int lane, size_t i) const {
    const Moment::Place at = moment.place(lane, i);
    float &z = moment.gate(kUpdate, at), &r = moment.gate(kReset, at);
    z = applied(moment.f, z);
    r = applied(moment.f, r);
    moment.of(moment.side, at) = r * moment.of(moment.before, at);
  }
};

struct ForwardMix {
  GruMoment moment;

  __device__ void operator()(int lane, size_t i) const {
    const Moment::Place at = moment.place(lane, i);
    if (moment.ended(at)) return moment.stay(at);
    moment.mix(at, moment.gate(kHidden, at));
  }
};

/** Gradients of z and n, and with linear_before_reset 1 of r and side, too. */
struct Backward {
  GruMoment moment;
  bool afterProduct;

  __device__ void operator()(int lane, size_t i) const {
    const Moment::Place at = moment.place(lane, i);
    float &z = moment.gate(kUpdate, at), &r = moment.gate(kReset, at), &u = moment.gate(kHidden, at);
    float& side = moment.of(moment.side, at);
    if (moment.ended(at)) {
      z = r = u = side = 0;
      return;
    }
    const float dh = moment.given(at);
    const float dz = dh * (moment.of(moment.before, at) - u), du = dh * (1 - z);
    moment.of(moment.carry, at) = dh * z;
    z = dz * slopeAt(moment.f, z);
    u = du * slopeAt(moment.g, u);
    if (!afterProduct) return;
    const float dr = u * side;
    side = u * r;
    r = dr * slopeAt(moment.f, r);
  }
};

/** From the gradient of r · h that of r, and a share of that of h. */
struct BackwardReset {
  GruMoment moment;
  SampleRows<float> sideCarry;

  __device__ void operator()(int lane, size_t i) const {
    const Moment::Place at = moment.place(lane, i);
    if (moment.ended(at)) return;
    float& r = moment.gate(kReset, at);
    const float ds = moment.of(sideCarry, at);
    moment.of(moment.carry, at) += ds * r;
    r = ds * moment.of(moment.before, at) * slopeAt(moment.f, r);
  }
};

/** The formulas are in ops/gru.cpp. */
class GruStep final : public RecurrentStep {
 public:
  GruStep(StepSpec<float>&& spec, Stream& stream)
      : GruStep(std::move(spec), stream, recurrentForm(spec.context, kGru), spec.context.integer("linear_before_reset", 0) != 0, spec.mode) {}

 protected:
  void forwardMoment(int d, int t) override {
    const GruMoment moment = gruMoment(forwardAt(d, t), d, t);
    multiplyState(d, t, 0, 2);
    if (afterProduct_) {
      multiplySide(d, t);
      return forEachUnit(ForwardAfter{moment});
    }
    forEachUnit(ForwardReset{moment});
    multiplyIntoGates(d, t, 2, 1, matrixOf(side_, d, t));
    forEachUnit(ForwardMix{moment});
  }

  void backwardMoment(int d, int t) override {
    const GruMoment moment = gruMoment(backwardAt(d, t), d, t);
    forEachUnit(Backward{moment, afterProduct_});
    if (afterProduct_) {
      multiplyBack(d, matrixOf(side_, d, t), 2, 1, carry_, true);
    } else {
      multiplyBack(d, gatesAt(d, t, 2), 2, 1, sideCarry_, false);
      forEachUnit(BackwardReset{moment, statesOf(sideCarry_, d, 0)});
    }
    multiplyBack(d, gatesAt(d, t, 0), 0, 2, carry_, true);
  }

  void gradientOfR(int d) override {
    multiplyForR(d, 0, 2, gatesAt(d, 0, 0), states_, slotBefore(d, 0));
    if (afterProduct_) multiplyForR(d, 2, 1, matrixOf(side_, d, 0), states_, slotBefore(d, 0));
    else multiplyForR(d, 2, 1, gatesAt(d, 0, 2), side_, 0);
  }

  void gradientOfB(int d) override {
    sumBias(d, 0, gates_, gateSums_, (afterProduct_ ? 2 : 3) * hidden());
    if (afterProduct_) sumBias(d, 5 * hidden(), side_, sideSums_, 0);
  }

 private:
  GruStep(StepSpec<float>&& spec, Stream& stream, const RecurrentForm& form, bool afterProduct, ProgramMode mode)
      : RecurrentStep(std::move(spec), stream, form, (afterProduct ? 2 : 3) * form.hidden, mode), afterProduct_(afterProduct) {
    const bool keeps = mode != ProgramMode::Inference;
    side_ = history(form_.directions, keeps ? form_.steps : 1, stateSize());
    if (!keeps) return;
    if (afterProduct) sideSums_ = PlaneSums<1>(stream_, lanes, {moments(), hidden(), 1});
    else sideCarry_ = history(form_.directions, 1, stateSize());
  }

  GruMoment gruMoment(const Moment& moment, int d, int t) {
    GruMoment own{};
    static_cast<Moment&>(own) = moment;
    own.side = statesOf(side_, d, t);
    own.f = function(d, 0);
    own.g = function(d, 1);
    return own;
  }

  /** side = R h + Rb, of the last gate. */
  void multiplySide(int d, int t) {
    Product product = productByR(d, 2, 1, matrixOf(states_, d, slotBefore(d, t)));
    product.c = side_.at(0, d, t);
    product.cRow = hidden();
    product.cLane = side_.laneStride();
    if (has(3)) {
      product.bias = inputs[3].storage->data + (static_cast<size_t>(d) * 6 + 5) * hidden();
      product.biasLane = inputs[3].storage->laneStride;
    }
    multiply(stream_, precision_, lanes, product);
  }

  /** The reset gate follows the product with R (linear_before_reset 1). */
  bool afterProduct_;
  CardHistory side_;
  /** Gradient of r · h of one moment. */
  CardHistory sideCarry_;
  PlaneSums<1> sideSums_;
};

}  // namespace

const StepTable& gruSteps() {
  static const StepTable table{{"GRU", makeStep<GruStep>}};
  return table;
}

}  // namespace deltalab::cuda
