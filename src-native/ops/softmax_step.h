#pragma once

#include <cmath>
#include <utility>

#include "blocks.h"
#include "core/operator.h"
#include "cpu/kernels/elementwise.h"
#include "cpu/kernels/rows.h"

namespace deltalab {

/** The shape rule of Softmax and LogSoftmax: the input's shape, the axis checked. */
std::vector<Shape> softmaxShapes(const NodeContext& context);

/**
 * y = e^x / Σ e^x along an axis, or its logarithm. The largest value of a line is taken away first: e^x cannot overflow then, and the
 * result is the same. Lines along the last axis are rows, whose values may be scaled and masked on the way (core/scaled_softmax.h); along
 * another axis up to 64 neighbouring lines are walked together.
 */
template <class T, bool kLog>
class SoftmaxStep : public Step<T> {
 public:
  explicit SoftmaxStep(StepSpec<T>&& spec) : SoftmaxStep(std::move(spec), spec.context, static_cast<T>(spec.scale)) {}

  void forward(Run& run) override {
    forEachGroup(run, [&](int lane, size_t start, size_t width) {
      const T* x = this->inputs[0].data(lane) + start;
      T* y = this->output.mutableData(lane) + start;
      if (step_ > 1) valuesOfLines(x, y, width);
      else if (kLog) rowLogSoftmax(x, y, size_);
      else rowSoftmax(x, maskAt(start), y, size_, scale_);
    });
  }

  /** dx_i = y_i (dy_i - Σ_j dy_j y_j); of the logarithm dx_i = dy_i - e^y_i Σ_j dy_j. */
  void backward(Run& run) override {
    const Operand<T>& target = this->inputs[0];
    if (!target.needsGradient) return;
    forEachGroup(run, [&](int lane, size_t start, size_t width) {
      const T* y = this->output.data(lane) + start;
      const T* dy = this->output.gradient(lane) + start;
      T* dx = target.gradient(lane) + start;
      if (step_ > 1) gradientsOfLines(y, dy, dx, width, target.accumulate);
      else if (kLog) rowLogSoftmaxGradient(y, dy, dx, size_, target.accumulate);
      else rowSoftmaxGradient(y, dy, dx, size_, scale_, target.accumulate);
    });
  }

 private:
  static constexpr size_t kLines = 64;

  SoftmaxStep(StepSpec<T>&& spec, const NodeContext& context, T scale) : Step<T>(std::move(spec)), scale_(scale) {
    const Shape& shape = this->output.shape;
    const int64_t rank = static_cast<int64_t>(shape.size());
    const size_t axis = static_cast<size_t>(context.axis(-1, rank, rank - 1));
    size_ = static_cast<size_t>(shape[axis]);
    step_ = elementCount(shape, axis + 1);
  }

  /** f(lane, offset of the first element, lines) for every group of neighbouring lines. */
  template <class F>
  void forEachGroup(Run& run, F&& f) const {
    const size_t groups = (step_ + kLines - 1) / kLines;
    const size_t elements = size_ * std::min(step_, kLines);
    const size_t items = this->output.count / (size_ * step_) * groups;
    forEachBlock(run, items, elements, itemsPerTask(elements), [&](int lane, size_t begin, size_t end) {
      for (size_t item = begin; item < end; ++item) {
        const size_t inner = item % groups * kLines;
        f(lane, item / groups * size_ * step_ + inner, std::min(kLines, step_ - inner));
      }
    });
  }

  /** The row of the mask for the row of scores at `start`; null without a mask. */
  const T* maskAt(size_t start) const {
    return this->inputs.size() > 1 ? this->inputs[1].data(0) + start % this->inputs[1].count : nullptr;
  }

  static void exponentials(float* values, size_t n) { expForward(values, values, n); }
  static void exponentials(double* values, size_t n) {
    for (size_t i = 0; i < n; ++i) values[i] = std::exp(values[i]);
  }

  void valuesOfLines(const T* x, T* y, size_t width) const {
    T largest[kLines];
    for (size_t j = 0; j < width; ++j) largest[j] = x[j];
    for (size_t i = 1; i < size_; ++i) {
      for (size_t j = 0; j < width; ++j) largest[j] = x[i * step_ + j] > largest[j] ? x[i * step_ + j] : largest[j];
    }
    double sums[kLines] = {};
    for (size_t i = 0; i < size_; ++i) {
      T powers[kLines];
      for (size_t j = 0; j < width; ++j) powers[j] = x[i * step_ + j] - largest[j];
      if (kLog) std::copy(powers, powers + width, y + i * step_);
      exponentials(powers, width);
      if (!kLog) std::copy(powers, powers + width, y + i * step_);
      for (size_t j = 0; j < width; ++j) sums[j] += static_cast<double>(powers[j]);
    }
    T factors[kLines];
    for (size_t j = 0; j < width; ++j) factors[j] = static_cast<T>(kLog ? std::log(sums[j]) : 1 / sums[j]);
    for (size_t i = 0; i < size_; ++i) {
      T* to = y + i * step_;
      for (size_t j = 0; j < width; ++j) to[j] = kLog ? to[j] - factors[j] : to[j] * factors[j];
    }
  }

  void gradientsOfLines(const T* y, const T* dy, T* dx, size_t width, bool accumulate) const {
    double sums[kLines] = {};
    for (size_t i = 0; i < size_; ++i) {
      for (size_t j = 0; j < width; ++j) {
        const double gradient = static_cast<double>(dy[i * step_ + j]);
        sums[j] += kLog ? gradient : gradient * static_cast<double>(y[i * step_ + j]);
      }
    }
    for (size_t i = 0; i < size_; ++i) {
      T values[kLines];
      for (size_t j = 0; j < width; ++j) values[j] = y[i * step_ + j];
      if (kLog) exponentials(values, width);
      for (size_t j = 0; j < width; ++j) {
        const T gradient = dy[i * step_ + j];
        const T sum = static_cast<T>(sums[j]);
        values[j] = kLog ? gradient - values[j] * sum : values[j] * (gradient - sum);
      }
      T* to = dx + i * step_;
      for (size_t j = 0; j < width; ++j) to[j] = accumulate ? to[j] + values[j] : values[j];
    }
  }

  size_t size_ = 1;
  size_t step_ = 1;
  T scale_;
};

template <class T>
using PlainSoftmaxStep = SoftmaxStep<T, false>;
template <class T>
using LogSoftmaxStep = SoftmaxStep<T, true>;

}  // namespace deltalab
