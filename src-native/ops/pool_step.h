#pragma once

#include <cmath>
#include <limits>
#include <utility>
#include <vector>

#include "core/sample.h"
#include "window.h"

namespace deltalab {

/** f(lane, plane, end) over the planes [batch · channels] of every lane that takes part; planes do not depend on each other. */
template <class F>
void forEachPlane(Run& run, size_t planes, size_t workPerPlane, F&& f) {
  const LaneSet& lanes = run.lanes;
  if (run.pool.threads() == 1 || planes * workPerPlane * static_cast<size_t>(lanes.activeCount) < kParallelElements) {
    for (int lane = 0; lane < lanes.count; ++lane) {
      if (lanes.has(lane)) f(lane, size_t{0}, planes);
    }
    return;
  }
  const size_t group = workPerPlane >= kChunkElements ? 1 : kChunkElements / (workPerPlane + 1) + 1;
  const size_t groups = (planes + group - 1) / group;
  run.pool.forEach(static_cast<int>(static_cast<size_t>(lanes.count) * groups), [&](int task) {
    const int lane = static_cast<int>(static_cast<size_t>(task) / groups);
    if (!lanes.has(lane)) return;
    const size_t begin = static_cast<size_t>(task) % groups * group;
    f(lane, begin, planes - begin < group ? planes : begin + group);
  });
}

/** What a pooling step works on: planes of `inputPlane` values that become planes of `outputPlane` values. */
template <class T>
class PoolStep : public Step<T> {
 protected:
  PoolStep(StepSpec<T>&& spec, Window window)
      : Step<T>(std::move(spec)),
        window_(window),
        inputPlane_(static_cast<size_t>(window.inputSize())),
        outputPlane_(static_cast<size_t>(window.outputSize())),
        planes_(this->inputs[0].count / inputPlane_) {
    for (size_t i = 0; i < 3; ++i) {
      const WindowAxis& axis = window.axes[i];
      for (int64_t o = 0; o < axis.output; ++o) {
        Inside inside;
        for (int64_t k = 0; k < axis.kernel; ++k) {
          const int64_t at = axis.at(o, k);
          if (at >= 0 && inside.count++ == 0) inside.first = at;
        }
        inside_[i].push_back(inside);
      }
    }
  }

  template <class F>
  void forEach(Run& run, F&& f) {
    forEachPlane(run, planes_, outputPlane_ * static_cast<size_t>(window_.kernelSize()), [&](int lane, size_t begin, size_t end) {
      for (size_t plane = begin; plane < end; ++plane) f(lane, plane);
    });
  }

  /** f(output point, z, y, x) for every window. */
  template <class F>
  void forEachWindow(F&& f) const {
    size_t point = 0;
    for (int64_t z = 0; z < window_.axes[0].output; ++z) {
      for (int64_t y = 0; y < window_.axes[1].output; ++y) {
        for (int64_t x = 0; x < window_.axes[2].output; ++x) f(point++, z, y, x);
      }
    }
  }

  /** f(input point) for every tap of a window that lies inside the picture. */
  template <class F>
  void forEachInside(int64_t z, int64_t y, int64_t x, F&& f) const {
    const auto& [depth, height, width] = window_.axes;
    const Inside down = inside_[0][static_cast<size_t>(z)], over = inside_[1][static_cast<size_t>(y)];
    const Inside across = inside_[2][static_cast<size_t>(x)];
    for (int64_t i = 0; i < down.count; ++i) {
      for (int64_t j = 0; j < over.count; ++j) {
        int64_t at = ((down.first + i * depth.dilation) * height.input + over.first + j * height.dilation) * width.input + across.first;
        for (int64_t k = 0; k < across.count; ++k, at += width.dilation) f(static_cast<size_t>(at));
      }
    }
  }

  /** Of a window along one axis: the first place inside the picture, and the number of taps there. */
  struct Inside {
    int64_t first = 0, count = 0;
  };

  Window window_;
  size_t inputPlane_, outputPlane_, planes_;
  std::vector<Inside> inside_[3];
};

/** The largest value of each window. In a tie the first wins; NaN wins over all. */
template <class T>
class MaxPoolStep : public PoolStep<T> {
 public:
  MaxPoolStep(StepSpec<T>&& spec, Window window)
      : MaxPoolStep(std::move(spec), window, spec.mode, spec.context.integer("storage_order", 0) != 0) {}

  void forward(Run& run) override {
    this->forEach(run, [&](int lane, size_t plane) {
      const T* x = this->inputs[0].data(lane) + plane * this->inputPlane_;
      T* y = this->output.mutableData(lane) + plane * this->outputPlane_;
      const bool wantsPlaces = this->outputs.size() > 1 && this->outputs[1];
      T* places = wantsPlaces ? this->outputs[1].mutableData(lane) + plane * this->outputPlane_ : nullptr;
      int32_t* chosen = chosen_.empty() ? nullptr : chosenOf(lane, plane);
      this->forEachWindow([&](size_t point, int64_t z, int64_t row, int64_t column) {
        T most = -std::numeric_limits<T>::infinity();
        int32_t at = -1;
        this->forEachInside(z, row, column, [&](size_t source) {
          const T value = x[source];
          if (at >= 0 && !(value > most) && !std::isnan(value)) return;
          most = value;
          at = static_cast<int32_t>(source);
        });
        y[point] = most;
        if (chosen) chosen[point] = at;
        if (places) places[point] = static_cast<T>(plane * this->inputPlane_ + placeOf(at));
      });
    });
  }

  void backward(Run& run) override {
    const Operand<T>& target = this->inputs[0];
    if (!target.needsGradient) return;
    this->forEach(run, [&](int lane, size_t plane) {
      const T* dy = this->output.gradient(lane) + plane * this->outputPlane_;
      T* dx = target.gradient(lane) + plane * this->inputPlane_;
      if (!target.accumulate) {
        for (size_t i = 0; i < this->inputPlane_; ++i) dx[i] = 0;
      }
      const int32_t* chosen = chosenOf(lane, plane);
      for (size_t i = 0; i < this->outputPlane_; ++i) {
        if (chosen[i] >= 0) dx[chosen[i]] += dy[i];
      }
    });
  }

 private:
  MaxPoolStep(StepSpec<T>&& spec, Window window, ProgramMode mode, bool columnMajor)
      : PoolStep<T>(std::move(spec), window), columnMajor_(columnMajor) {
    const size_t lanes = static_cast<size_t>(this->lanes);
    if (mode != ProgramMode::Inference && this->inputs[0].needsGradient) chosen_.resize(lanes * this->output.count);
  }

  int32_t* chosenOf(int lane, size_t plane) {
    return chosen_.data() + static_cast<size_t>(lane) * this->output.count + plane * this->outputPlane_;
  }

  /** What ONNX calls the index of a value: row by row, or column by column (storage_order 1). */
  size_t placeOf(int32_t at) const {
    if (!columnMajor_ || at < 0) return static_cast<size_t>(at < 0 ? 0 : at);
    const auto& axes = this->window_.axes;
    const int64_t x = at % axes[2].input, y = at / axes[2].input % axes[1].input, z = at / axes[2].input / axes[1].input;
    return static_cast<size_t>((x * axes[1].input + y) * axes[0].input + z);
  }

  bool columnMajor_;
  /** Of every output, the place of its value in the input's plane; -1 for a window without any. */
  std::vector<int32_t> chosen_;
};

/** One over the number of values of each window, by output point; padding counts or not. */
template <class T>
std::vector<T> windowScales(const Window& window, bool countsPadding) {
  std::vector<T> scales;
  const auto count = [countsPadding](const WindowAxis& axis, int64_t o) {
    int64_t taps = 0;
    for (int64_t k = 0; k < axis.kernel; ++k) {
      // ceil_mode lets the last window reach beyond the padding.
      const bool padded = o * axis.stride - axis.padBefore + k * axis.dilation < axis.input + axis.padAfter;
      if (countsPadding ? padded : axis.at(o, k) >= 0) ++taps;
    }
    return taps;
  };
  for (int64_t z = 0; z < window.axes[0].output; ++z) {
    for (int64_t y = 0; y < window.axes[1].output; ++y) {
      for (int64_t x = 0; x < window.axes[2].output; ++x) {
        const int64_t values = count(window.axes[0], z) * count(window.axes[1], y) * count(window.axes[2], x);
        scales.push_back(values > 0 ? static_cast<T>(1.0 / static_cast<double>(values)) : T(0));
      }
    }
  }
  return scales;
}

/** The mean of each window: its sum times its scale. */
template <class T>
class AveragePoolStep : public PoolStep<T> {
 public:
  AveragePoolStep(StepSpec<T>&& spec, Window window, std::vector<T> scales)
      : PoolStep<T>(std::move(spec), window), scales_(std::move(scales)) {}

  void forward(Run& run) override {
    this->forEach(run, [&](int lane, size_t plane) {
      const T* x = this->inputs[0].data(lane) + plane * this->inputPlane_;
      T* y = this->output.mutableData(lane) + plane * this->outputPlane_;
      this->forEachWindow([&](size_t point, int64_t z, int64_t row, int64_t column) {
        double sum = 0;
        this->forEachInside(z, row, column, [&](size_t source) { sum += static_cast<double>(x[source]); });
        y[point] = static_cast<T>(sum) * scales_[point];
      });
    });
  }

  void backward(Run& run) override {
    const Operand<T>& target = this->inputs[0];
    if (!target.needsGradient) return;
    this->forEach(run, [&](int lane, size_t plane) {
      const T* dy = this->output.gradient(lane) + plane * this->outputPlane_;
      T* dx = target.gradient(lane) + plane * this->inputPlane_;
      if (!target.accumulate) {
        for (size_t i = 0; i < this->inputPlane_; ++i) dx[i] = 0;
      }
      this->forEachWindow([&](size_t point, int64_t z, int64_t row, int64_t column) {
        const T share = dy[point] * scales_[point];
        this->forEachInside(z, row, column, [&](size_t source) { dx[source] += share; });
      });
    });
  }

 private:
  std::vector<T> scales_;
};

/** One window over each whole picture [batch, channels, …]. */
Window globalWindow(const NodeContext& context);
/** [batch, channels, 1, …]. */
std::vector<Shape> globalShapes(const NodeContext& context);

/** Values that all differ: where two are equal, the derivative of their maximum is not defined. */
SampleInput distinctInput(Shape dims);

}  // namespace deltalab
