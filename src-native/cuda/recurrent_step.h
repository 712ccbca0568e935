#pragma once

#include "gemm.h"
#include "ops/recurrent_form.h"
#include "ops/recurrent_history.h"
#include "plane_sums.h"

namespace deltalab::cuda {

/** A row of values for every sample: the memory of sample 0, and the elements between samples. May be empty. */
template <class T>
struct SampleRows {
  LaneValues<T> values;
  size_t stride = 0;

  __device__ T* at(int lane, size_t sample) const { return values.of(lane) + sample * stride; }
};

/** f(x), x being clipped before. */
__device__ inline float applied(const CellFunction& f, float x) { return cellValue(f, clipped(f, x)); }

/** f'(x) from y = f(x); 0 where x was clipped: y is then the value at a bound, to the last bit. */
__device__ inline float slopeAt(const CellFunction& f, float y) {
  if (f.clip > 0) {
    const float most = static_cast<float>(f.clip);
    if (y == cellValue(f, most) || y == cellValue(f, -most)) return 0;
  }
  return cellSlope(f, y);
}

/** One direction at one moment, for kernels that are given (lane, sample · hidden + unit). */
struct Moment {
  size_t hidden;
  /** [gates · hidden] of every sample. */
  SampleRows<float> gates;
  /** The states around the moment. */
  SampleRows<float> before, after;
  /** Where Y is, in forward, or its gradient, in backward; empty where nobody asks. */
  SampleRows<float> y;
  /** The gradient of the state. */
  SampleRows<float> carry;
  /** Moments of every sample; empty where all have all. */
  LaneValues<const float> lengths;
  float time;

  /** A unit of a sample. */
  struct Place {
    int lane;
    size_t sample, unit;
  };
  __device__ Place place(int lane, size_t i) const {
    const size_t sample = quotient(i, hidden);
    return {lane, sample, i - sample * hidden};
  }
  __device__ float& of(const SampleRows<float>& rows, const Place& at) const { return rows.at(at.lane, at.sample)[at.unit]; }
  __device__ float& gate(size_t which, const Place& at) const { return gates.at(at.lane, at.sample)[which * hidden + at.unit]; }

  /** Whether the sequence of the sample is over. */
  __device__ bool ended(const Place& at) const { return lengths.data && time >= lengths.of(at.lane)[at.sample]; }
  __device__ void publish(const Place& at, float state) const {
    of(after, at) = state;
    if (y.values.data) of(y, at) = state;
  }
  /** Of a sequence that is over: the state stays and Y is 0. */
  __device__ void stay(const Place& at) const {
    of(after, at) = of(before, at);
    if (y.values.data) of(y, at) = 0;
  }
  /** The gradient of the state after the moment, with that of Y. */
  __device__ float given(const Place& at) const { return of(carry, at) + (y.values.data ? of(y, at) : 0.0F); }
};

/** What a step keeps of every moment, as ops/recurrent_history.h says, in the memory of a card. */
using CardHistory = History<float, DeviceMemory<float>>;

/**
 * What LSTM, GRU and RNN share, in the way of the processor (ops/recurrent_step.h): one product of X with W for all moments, then moment after
 * moment the product of the last state with R and a kernel over samples and units; in backward the same from the end, and the gradients of the
 * weights as one product over all moments.
 */
class RecurrentStep : public DeviceStep {
 public:
  void forward(Run& run) override;
  void backward(Run& run) override;

 protected:
  /** `summed`: columns of a row of gates whose recurrent bias is simply added to the other. */
  RecurrentStep(StepSpec<float>&& spec, Stream& stream, const RecurrentForm& form, int summed, ProgramMode mode);

  /** One moment of forward: the state before it and gates (W x + biases) to the state after it. */
  virtual void forwardMoment(int direction, int t) = 0;
  /** One moment of backward: from the carried gradient those of the gates and of the state before. */
  virtual void backwardMoment(int direction, int t) = 0;
  virtual void begin(int) {}
  virtual void end(int) {}
  virtual void beginBackward(int) {}
  virtual void finishBackward() {}
  virtual void gradientOfR(int d) { multiplyForR(d, 0, form_.gates, gatesAt(d, 0, 0), states_, slotBefore(d, 0)); }
  virtual void gradientOfB(int d) { sumBias(d, 0, gates_, gateSums_, width()); }

  size_t rows() const { return static_cast<size_t>(form_.batch); }
  size_t hidden() const { return static_cast<size_t>(form_.hidden); }
  size_t width() const { return static_cast<size_t>(form_.width()); }
  size_t stateSize() const { return rows() * hidden(); }
  size_t moments() const { return static_cast<size_t>(form_.steps) * rows(); }
  bool has(size_t input) const { return input < inputs.size() && inputs[input]; }
  bool needsGradient(size_t input) const { return has(input) && inputs[input].needsGradient; }
  bool names(size_t output) const { return output < outputs.size() && outputs[output]; }
  int moment(int d, int i) const { return form_.goesBack(d) ? form_.steps - 1 - i : i; }
  int lastMoment(int d) const { return moment(d, form_.steps - 1); }
  int slotBefore(int d, int t) const { return form_.goesBack(d) ? t + 1 : t; }
  int slotAfter(int d, int t) const { return form_.goesBack(d) ? t : t + 1; }
  /** Function i of a direction. */
  const CellFunction& function(int d, size_t i) const {
    return form_.functions[static_cast<size_t>(d) * (form_.functions.size() / static_cast<size_t>(form_.directions)) + i];
  }

  CardHistory history(int directions, int slots, size_t count) { return CardHistory(lanes, directions, slots, count, stream_); }
  /** Rows of `width` values in a history. */
  static SampleRows<float> rowsOf(CardHistory& history, int d, int slot, size_t width) {
    return {{history.at(0, d, slot), history.laneStride()}, width};
  }
  SampleRows<float> statesOf(CardHistory& history, int d, int slot) const { return rowsOf(history, d, slot, hidden()); }
  /** The gates of a moment from block `gate` on, as a matrix. */
  Matrix gatesAt(int d, int t, int gate) { return {gates_.at(0, d, t) + static_cast<size_t>(gate) * hidden(), width(), 1, gates_.laneStride()}; }
  Matrix matrixOf(CardHistory& history, int d, int slot) const { return {history.at(0, d, slot), hidden(), 1, history.laneStride()}; }
  Moment forwardAt(int d, int t);
  Moment backwardAt(int d, int t);
  template <class F>
  void forEachUnit(const F& f) {
    forEachElement(stream_, lanes, stateSize(), f);
  }

  // Products with R, of the `count` gates from gate `first` on.

  /** A · Rᵀ of one moment, with c, cRow and cLane left to be said. */
  Product productByR(int d, int first, int count, const Matrix& a) const;
  /** gates += state · Rᵀ. */
  void multiplyState(int d, int t, int first, int count) { multiplyIntoGates(d, t, first, count, matrixOf(states_, d, slotBefore(d, t))); }
  /** gates += A · Rᵀ. */
  void multiplyIntoGates(int d, int t, int first, int count, const Matrix& a);
  /** to (+)= gradients · R: the share of the state before. */
  void multiplyBack(int d, const Matrix& gradients, int first, int count, CardHistory& to, bool accumulate);
  /** ∂R: the sum over moments of gradientsᵀ · values; the value of moment 0 is in `slot`. */
  void multiplyForR(int d, int first, int count, const Matrix& gradients, CardHistory& values, int slot);
  /** ∂B from place `to` on: the columns of `from` summed up over moments; of the first `both` to the recurrent bias, too. */
  void sumBias(int d, size_t to, CardHistory& from, const PlaneSums<1>& sums, size_t both);

  /** One direction of an initial state (or zeros) as [batch][hidden]. */
  void loadState(size_t input, int d, const SampleRows<float>& to);
  void storeState(size_t output, int d, const SampleRows<float>& from);
  /** The gradient of an output state (or zeros) as [batch][hidden]. */
  void loadStateGradient(size_t output, int d, const SampleRows<float>& to);
  void gradientOfState(size_t input, CardHistory& from);

  RecurrentForm form_;
  int slots_;
  CardHistory gates_;
  CardHistory states_;
  /** Gradient of the state, handed from moment to moment: [batch][hidden]. */
  CardHistory carry_;
  /** Over all moments, of the columns of gates_. */
  PlaneSums<1> gateSums_;

 private:
  /** One where all lanes share X. */
  int lanesOfX() const { return inputs[0].storage->laneStride == 0 ? 1 : lanes; }
  void prepare();
  void multiplyInputs(int d);
  void gradientOfX();
  void gradientOfW(int d);

  Moment momentAt(int d, int t);
  /** Where the rows of a moment are in Y, and of a direction in an initial or a last state. */
  SampleRows<float> placeInY(LaneValues<float> y, int d, int t) const;
  SampleRows<float> placeInState(LaneValues<float> state, int d) const;
  Matrix inputsByTime();
  Matrix inputWeights(int d) const;
  /** R of a direction from gate `first` on. */
  Matrix recurrence(int d, int first) const;

  size_t summed_;
  CardHistory biases_;
  /** X by time where it comes by sample, and its gradient. */
  CardHistory ordered_;
  CardHistory orderedGradient_;
  /** Of the gradients of W and R, one after the other. */
  DeviceMemory<float> parts_;
};

}  // namespace deltalab::cuda
