#pragma once

#include <algorithm>
#include <utility>
#include <vector>

#include "blocks.h"
#include "core/operator.h"
#include "cpu/kernels/kernel_table.h"
#include "gemm_step.h"
#include "recurrent_form.h"
#include "recurrent_history.h"
#include "reduce.h"

namespace deltalab {

inline void transposeInto(const float* from, size_t rows, size_t columns, float* to) {
  const ptrdiff_t r = static_cast<ptrdiff_t>(rows), c = static_cast<ptrdiff_t>(columns);
  kernelTable().transpose(from, c, r, c, to, r);
}
inline void transposeInto(const double* from, size_t rows, size_t columns, double* to) {
  for (size_t i = 0; i < rows; ++i) {
    for (size_t j = 0; j < columns; ++j) to[j * rows + i] = from[i * columns + j];
  }
}

/**
 * What LSTM, GRU and RNN share. The products of X with W are one for all moments; then the moments are walked one after another, each
 * with its product of the last state with R, and again from the end in backward. Inside, values are ordered by time: X, and
 *   gates   [steps][batch][gates · hidden]   W x + R h + biases, then the activated gates, in backward their gradients ∂E/∂(W x + ...)
 *   states  [steps + 1][batch][hidden]       the state before moment t is slot t, or t + 1 of a direction that goes backwards
 * A sample whose sequence has ended (sequence_lens) keeps its state and gives zeros.
 */
template <class T>
class RecurrentStep : public Step<T> {
 public:
  void forward(Run& run) override {
    prepare(run);
    for (int d = 0; d < form_.directions; ++d) {
      multiplyInputs(run, d);
      forEachLane(run, stateSize(), [&](int lane) { loadState(5, lane, d, states_.at(lane, d, slotBefore(d, firstMoment(d)))); });
      begin(run, d);
      for (int i = 0; i < form_.steps; ++i) forwardMoment(run, d, moment(d, i));
      const int last = slotAfter(d, moment(d, form_.steps - 1));
      forEachLane(run, stateSize(), [&](int lane) { storeState(1, lane, d, states_.at(lane, d, last)); });
      end(run, d);
    }
  }

  void backward(Run& run) override {
    for (int d = 0; d < form_.directions; ++d) {
      forEachLane(run, stateSize(), [&](int lane) { loadStateGradient(1, lane, d, carry_.at(lane, d, 0)); });
      beginBackward(run, d);
      for (int i = form_.steps; i-- > 0;) backwardMoment(run, d, moment(d, i));
    }
    gradientOfX(run);
    for (int d = 0; d < form_.directions; ++d) gradientOfW(run, d);
    for (int d = 0; d < form_.directions && this->inputs[2].needsGradient; ++d) gradientOfR(run, d);
    for (int d = 0; d < form_.directions && needsGradient(3); ++d) gradientOfB(run, d);
    if (needsGradient(5)) gradientOfState(run, 5, carry_);
    finishBackward(run);
  }

 protected:
  /** `summed`: columns of a row of gates whose recurrent bias is simply added to the other. */
  RecurrentStep(StepSpec<T>&& spec, RecurrentForm form, int summed, ProgramMode mode)
      : Step<T>(std::move(spec)), form_(std::move(form)), summed_(static_cast<size_t>(summed)) {
    const bool keeps = mode != ProgramMode::Inference;
    slots_ = keeps ? form_.steps + 1 : 2;
    gates_ = History<T>(this->lanes, form_.directions, form_.steps, rows() * width());
    states_ = History<T>(this->lanes, form_.directions, slots_, rows() * hidden());
    turned_ = History<T>(this->lanes, form_.directions, 1, width() * hidden());
    if (has(3)) biases_ = History<T>(this->lanes, form_.directions, 1, width());
    const size_t inputs = static_cast<size_t>(form_.steps) * rows() * static_cast<size_t>(form_.features);
    if (form_.batchFirst) ordered_ = History<T>(this->lanes, 1, 1, inputs);
    if (!keeps) return;
    carry_ = History<T>(this->lanes, form_.directions, 1, rows() * hidden());
    if (form_.batchFirst && this->inputs[0].needsGradient) orderedGradient_ = History<T>(this->lanes, 1, 1, inputs);
  }

  /** One moment of forward: states at slotBefore(t) and gates (W x + biases) to states at slotAfter(t). */
  virtual void forwardMoment(Run& run, int direction, int t) = 0;
  /** One moment of backward: from `carry`, by takeGradient(), the gradients of the gates and the carry of the moment before. */
  virtual void backwardMoment(Run& run, int direction, int t) = 0;
  virtual void begin(Run&, int) {}
  virtual void end(Run&, int) {}
  virtual void beginBackward(Run&, int) {}
  virtual void finishBackward(Run&) {}
  virtual void gradientOfR(Run& run, int d) { multiplyForR(run, d, 0, width(), gateGradients(d, 0), states_, slotBefore(d, 0)); }
  virtual void gradientOfB(Run& run, int d) {
    forEachLane(run, gateCount(), [&](int lane) {
      T* to = this->inputs[3].gradient(lane) + static_cast<size_t>(d) * 2 * width();
      sumColumns(gates_.at(lane, d, 0), width(), width(), to);
      sumColumns(gates_.at(lane, d, 0), width(), width(), to + width());
    });
  }

  size_t rows() const { return static_cast<size_t>(form_.batch); }
  size_t hidden() const { return static_cast<size_t>(form_.hidden); }
  size_t width() const { return static_cast<size_t>(form_.width()); }
  size_t stateSize() const { return rows() * hidden(); }
  size_t gateCount() const { return static_cast<size_t>(form_.steps) * rows() * width(); }
  bool has(size_t input) const { return input < this->inputs.size() && this->inputs[input]; }
  bool needsGradient(size_t input) const { return has(input) && this->inputs[input].needsGradient; }
  bool names(size_t output) const { return output < this->outputs.size() && this->outputs[output]; }
  int moment(int d, int i) const { return form_.goesBack(d) ? form_.steps - 1 - i : i; }
  int firstMoment(int d) const { return moment(d, 0); }
  int slotBefore(int d, int t) const { return form_.goesBack(d) ? t + 1 : t; }
  int slotAfter(int d, int t) const { return form_.goesBack(d) ? t : t + 1; }
  /** Function i of a direction. */
  const CellFunction& function(int d, size_t i) const {
    return form_.functions[static_cast<size_t>(d) * (form_.functions.size() / static_cast<size_t>(form_.directions)) + i];
  }
  /** T* of row `row` of lane `lane`. */
  T* gatesAt(int lane, int d, int t, size_t row) { return gates_.at(lane, d, t) + row * width(); }
  T* stateAt(int lane, int d, int slot, size_t row) { return states_.at(lane, d, slot) + row * hidden(); }
  /** R turned, of lane 0: [hidden][gates · hidden]. */
  const T* turnedAt(int d) { return turned_.at(0, d, 0); }
  size_t turnedLane() const { return turned_.laneStride(); }
  const T* recurrence(int d) const { return this->inputs[2].storage->data + static_cast<size_t>(d) * width() * hidden(); }

  /** f(lane, row) for every sample. */
  template <class F>
  void forEachRow(Run& run, F&& f) const {
    forEachBlock(run, rows(), 4 * width(), itemsPerTask(4 * width()), [&](int lane, size_t begin, size_t end) {
      for (size_t row = begin; row < end; ++row) f(lane, row);
    });
  }

  /** Whether the sequence of a sample has ended before moment t. */
  bool ended(int lane, int t, size_t row) const { return has(4) && static_cast<T>(t) >= this->inputs[4].data(lane)[row]; }

  /** Copies the new state to Y, or, where the sequence has ended, the old state to the new and zeros to Y. */
  void publish(int lane, int d, int t, size_t row, bool over) {
    T* state = stateAt(lane, d, slotAfter(d, t), row);
    if (over) std::copy_n(stateAt(lane, d, slotBefore(d, t), row), hidden(), state);
    if (!names(0)) return;
    T* y = this->outputs[0].mutableData(lane) + placeInY(d, t, row);
    if (over) std::fill_n(y, hidden(), T(0));
    else std::copy_n(state, hidden(), y);
  }

  /** The gradient of the state after moment t, with that of Y added. Where the sequence has ended: null, with the gates' gradients 0. */
  T* takeGradient(int lane, int d, int t, size_t row) {
    if (ended(lane, t, row)) {
      std::fill_n(gatesAt(lane, d, t, row), width(), T(0));
      return nullptr;
    }
    T* carry = carry_.at(lane, d, 0) + row * hidden();
    if (names(0) && this->outputs[0].needsGradient) {
      const T* dy = this->outputs[0].gradient(lane) + placeInY(d, t, row);
      for (size_t i = 0; i < hidden(); ++i) carry[i] += dy[i];
    }
    return carry;
  }

  /** gates[first ... first + count) += state · R of these gates, for moment t. */
  void multiplyState(Run& run, int d, int t, int first, int count) {
    Product<T> product{};
    product.m = form_.batch;
    product.n = count;
    product.k = form_.hidden;
    product.a = states_.at(0, d, slotBefore(d, t));
    product.lda = hidden();
    product.aLane = states_.laneStride();
    product.b = turnedAt(d) + first;
    product.ldb = width();
    product.bLane = turned_.laneStride();
    product.c = gates_.at(0, d, t) + first;
    product.ldc = width();
    product.cLane = gates_.laneStride();
    product.alpha = 1;
    product.accumulate = true;
    multiply(product, run);
  }

  /** Gradients of gates at all moments: their first column, the values of a row, and the step between lanes. */
  struct Gradients {
    const T* data;
    size_t stride, laneStride;
  };
  Gradients gateGradients(int d, size_t column) { return {gates_.at(0, d, 0) + column, width(), gates_.laneStride()}; }

  /** to (+)= gradients at moment t · rows first ... first + count of R: the share of the state before. */
  void multiplyBack(Run& run, int d, const Gradients& gradients, int t, int first, int count, History<T>& to, bool accumulate) {
    Product<T> product{};
    product.m = form_.batch;
    product.n = form_.hidden;
    product.k = count;
    product.a = gradients.data + static_cast<size_t>(t) * rows() * gradients.stride;
    product.lda = gradients.stride;
    product.aLane = gradients.laneStride;
    product.b = recurrence(d) + static_cast<size_t>(first) * hidden();
    product.ldb = hidden();
    product.bLane = this->inputs[2].storage->laneStride;
    product.c = to.at(0, d, 0);
    product.ldc = hidden();
    product.cLane = to.laneStride();
    product.alpha = 1;
    product.accumulate = accumulate;
    multiply(product, run);
  }

  /** ∂R, rows first ... first + count: the sum over moments of gradientsᵀ · values; the value of moment 0 is in `slot`. */
  void multiplyForR(Run& run, int d, size_t first, size_t count, const Gradients& gradients, History<T>& values, int slot) {
    const Operand<T>& target = this->inputs[2];
    Product<T> product{};
    product.m = static_cast<int>(count);
    product.n = form_.hidden;
    product.k = form_.steps * form_.batch;
    product.a = gradients.data;
    product.lda = gradients.stride;
    product.aLane = gradients.laneStride;
    product.transA = true;
    product.b = values.at(0, d, slot);
    product.ldb = hidden();
    product.bLane = values.laneStride();
    product.c = target.storage->gradient + (static_cast<size_t>(d) * width() + first) * hidden();
    product.ldc = hidden();
    product.cLane = target.storage->laneStride;
    product.alpha = 1;
    product.accumulate = target.accumulate;
    multiply(product, run);
  }

  /** Sums of `count` columns over all moments and samples, to the bias gradient at `to`. */
  void sumColumns(const T* gradients, size_t stride, size_t count, T* to) const {
    columnSums(gradients, static_cast<size_t>(form_.steps) * rows(), stride, 0, count, to, T(1), this->inputs[3].accumulate);
  }

  /** One direction of an initial state (or zeros) as [batch][hidden]. */
  void loadState(size_t input, int lane, int d, T* to) const {
    if (!has(input)) {
      std::fill_n(to, stateSize(), T(0));
      return;
    }
    for (size_t row = 0; row < rows(); ++row) {
      std::copy_n(this->inputs[input].data(lane) + placeInState(d, row), hidden(), to + row * hidden());
    }
  }

  void storeState(size_t output, int lane, int d, const T* from) {
    for (size_t row = 0; names(output) && row < rows(); ++row) {
      std::copy_n(from + row * hidden(), hidden(), this->outputs[output].mutableData(lane) + placeInState(d, row));
    }
  }

  /** The gradient of an output state (or zeros) as [batch][hidden]. */
  void loadStateGradient(size_t output, int lane, int d, T* to) const {
    if (!names(output) || !this->outputs[output].needsGradient) {
      std::fill_n(to, stateSize(), T(0));
      return;
    }
    for (size_t row = 0; row < rows(); ++row) {
      std::copy_n(this->outputs[output].gradient(lane) + placeInState(d, row), hidden(), to + row * hidden());
    }
  }

  void gradientOfState(Run& run, size_t input, History<T>& from) {
    const Operand<T>& target = this->inputs[input];
    forEachLane(run, target.count, [&](int lane) {
      for (int d = 0; d < form_.directions; ++d) {
        for (size_t row = 0; row < rows(); ++row) {
          const T* gradient = from.at(lane, d, 0) + row * hidden();
          T* to = target.gradient(lane) + placeInState(d, row);
          for (size_t i = 0; i < hidden(); ++i) to[i] = target.accumulate ? to[i] + gradient[i] : gradient[i];
        }
      }
    });
  }

  RecurrentForm form_;
  int slots_ = 2;
  History<T> gates_;
  History<T> states_;
  /** Gradient of the state, handed from moment to moment: [batch][hidden]. */
  History<T> carry_;

 private:
  size_t placeInY(int d, int t, size_t row) const {
    const size_t directions = static_cast<size_t>(form_.directions), direction = static_cast<size_t>(d);
    const size_t time = static_cast<size_t>(t), steps = static_cast<size_t>(form_.steps);
    if (form_.batchFirst) return ((row * steps + time) * directions + direction) * hidden();
    return ((time * directions + direction) * rows() + row) * hidden();
  }

  size_t placeInState(int d, size_t row) const {
    const size_t directions = static_cast<size_t>(form_.directions), direction = static_cast<size_t>(d);
    return (form_.batchFirst ? row * directions + direction : direction * rows() + row) * hidden();
  }

  /** f(place by sample, place by time) for every row of X; both in elements. */
  template <class F>
  void forEachInputRow(F&& f) const {
    const size_t steps = static_cast<size_t>(form_.steps), features = static_cast<size_t>(form_.features);
    for (size_t row = 0; row < rows(); ++row) {
      for (size_t t = 0; t < steps; ++t) f((row * steps + t) * features, (t * rows() + row) * features);
    }
  }

  /** R transposed, the sums of the biases, and X by time. */
  void prepare(Run& run) {
    forEachLane(run, width() * hidden(), [&](int lane) {
      for (int d = 0; d < form_.directions; ++d) {
        const T* r = this->inputs[2].data(lane) + static_cast<size_t>(d) * width() * hidden();
        transposeInto(r, width(), hidden(), turned_.at(lane, d, 0));
        if (!has(3)) continue;
        const T* b = this->inputs[3].data(lane) + static_cast<size_t>(d) * 2 * width();
        T* sum = biases_.at(lane, d, 0);
        for (size_t i = 0; i < width(); ++i) sum[i] = i < summed_ ? b[i] + b[width() + i] : b[i];
      }
      if (!form_.batchFirst) return;
      const T* x = this->inputs[0].data(lane);
      T* to = ordered_.at(lane, 0, 0);
      const size_t features = static_cast<size_t>(form_.features);
      forEachInputRow([&](size_t bySample, size_t byTime) { std::copy_n(x + bySample, features, to + byTime); });
    });
  }

  const T* inputsByTime() { return form_.batchFirst ? ordered_.at(0, 0, 0) : this->inputs[0].storage->data; }
  size_t inputLane() const { return form_.batchFirst ? ordered_.laneStride() : this->inputs[0].storage->laneStride; }

  /** gates = X · Wᵀ + biases, for all moments at once. */
  void multiplyInputs(Run& run, int d) {
    const size_t features = static_cast<size_t>(form_.features);
    Product<T> product{};
    product.m = form_.steps * form_.batch;
    product.n = form_.width();
    product.k = form_.features;
    product.a = inputsByTime();
    product.lda = features;
    product.aLane = inputLane();
    product.b = this->inputs[1].storage->data + static_cast<size_t>(d) * width() * features;
    product.ldb = features;
    product.bLane = this->inputs[1].storage->laneStride;
    product.transB = true;
    product.c = gates_.at(0, d, 0);
    product.ldc = width();
    product.cLane = gates_.laneStride();
    product.alpha = 1;
    if (has(3)) {
      product.bias = biases_.at(0, d, 0);
      product.biasLane = biases_.laneStride();
    }
    multiply(product, run);
  }

  void gradientOfX(Run& run) {
    const Operand<T>& target = this->inputs[0];
    if (!target.needsGradient) return;
    const size_t features = static_cast<size_t>(form_.features);
    for (int d = 0; d < form_.directions; ++d) {
      Product<T> product{};
      product.m = form_.steps * form_.batch;
      product.n = form_.features;
      product.k = form_.width();
      product.a = gates_.at(0, d, 0);
      product.lda = width();
      product.aLane = gates_.laneStride();
      product.b = this->inputs[1].storage->data + static_cast<size_t>(d) * width() * features;
      product.ldb = features;
      product.bLane = this->inputs[1].storage->laneStride;
      product.c = form_.batchFirst ? orderedGradient_.at(0, 0, 0) : target.storage->gradient;
      product.ldc = features;
      product.cLane = form_.batchFirst ? orderedGradient_.laneStride() : target.storage->laneStride;
      product.alpha = 1;
      product.accumulate = d > 0 || (target.accumulate && !form_.batchFirst);
      multiply(product, run);
    }
    if (!form_.batchFirst) return;
    forEachLane(run, target.count, [&](int lane) {
      const T* from = orderedGradient_.at(lane, 0, 0);
      T* to = target.gradient(lane);
      forEachInputRow([&](size_t bySample, size_t byTime) {
        for (size_t i = 0; i < features; ++i) {
          to[bySample + i] = target.accumulate ? to[bySample + i] + from[byTime + i] : from[byTime + i];
        }
      });
    });
  }

  void gradientOfW(Run& run, int d) {
    const Operand<T>& target = this->inputs[1];
    if (!target.needsGradient) return;
    const size_t features = static_cast<size_t>(form_.features);
    Product<T> product{};
    product.m = form_.width();
    product.n = form_.features;
    product.k = form_.steps * form_.batch;
    product.a = gates_.at(0, d, 0);
    product.lda = width();
    product.aLane = gates_.laneStride();
    product.transA = true;
    product.b = inputsByTime();
    product.ldb = features;
    product.bLane = inputLane();
    product.c = target.storage->gradient + static_cast<size_t>(d) * width() * features;
    product.ldc = features;
    product.cLane = target.storage->laneStride;
    product.alpha = 1;
    product.accumulate = target.accumulate;
    multiply(product, run);
  }

  size_t summed_;
  /** [hidden][gates · hidden]: R turned once a run, so that every moment reads it in rows. */
  History<T> turned_;
  History<T> biases_;
  /** X by time where it comes by sample, and its gradient. */
  History<T> ordered_;
  History<T> orderedGradient_;
};

}  // namespace deltalab
