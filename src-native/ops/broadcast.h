#pragma once

#include <type_traits>
#include <vector>

#include "core/memory.h"
#include "core/shape.h"
#include "loops.h"

namespace deltalab {

/** The elements of `output` as loops over N inputs that spread over it by NumPy's rule. */
template <int N>
Loops<N> broadcastLoops(const std::array<const Shape*, N>& inputs, const Shape& output) {
  std::array<std::vector<std::ptrdiff_t>, N> strides;
  for (size_t i = 0; i < N; ++i) strides[i] = stridesOf(*inputs[i]);
  Loops<N> loops;
  for (size_t dimension = 0; dimension < output.size(); ++dimension) {
    typename Loops<N>::Steps steps{};
    for (size_t i = 0; i < N; ++i) {
      const size_t missing = output.size() - inputs[i]->size();
      if (dimension < missing || (*inputs[i])[dimension - missing] == 1) continue;
      steps[i] = strides[i][dimension - missing];
    }
    loops.add(static_cast<size_t>(output[dimension]), steps);
  }
  return loops;
}

/** body(i, a offset, b offset) for i in 0..n-1; the usual steps are constants to the compiler, so that it can use vectors. */
template <class Body>
void forEachPair(size_t n, std::ptrdiff_t aStep, std::ptrdiff_t bStep, Body&& body) {
  const std::ptrdiff_t count = static_cast<std::ptrdiff_t>(n);
  if (aStep == 1 && bStep == 1) {
    for (std::ptrdiff_t i = 0; i < count; ++i) body(i, i, i);
  } else if (aStep == 1 && bStep == 0) {
    for (std::ptrdiff_t i = 0; i < count; ++i) body(i, i, 0);
  } else if (aStep == 0 && bStep == 1) {
    for (std::ptrdiff_t i = 0; i < count; ++i) body(i, 0, i);
  } else {
    for (std::ptrdiff_t i = 0; i < count; ++i) body(i, i * aStep, i * bStep);
  }
}

/** Σ f(i) for i in 0..n-1, in double and in a fixed order that leaves room for vectors. */
template <class F>
double sumInDouble(std::ptrdiff_t n, F&& f) {
  constexpr std::ptrdiff_t kChains = 8;
  double chains[kChains] = {};
  std::ptrdiff_t i = 0;
  for (; i + kChains <= n; i += kChains) {
    for (std::ptrdiff_t j = 0; j < kChains; ++j) chains[j] += static_cast<double>(f(i + j));
  }
  for (std::ptrdiff_t j = 0; i < n; ++i, ++j) chains[j] += static_cast<double>(f(i));
  return ((chains[0] + chains[4]) + (chains[2] + chains[6])) + ((chains[1] + chains[5]) + (chains[3] + chains[7]));
}

/**
 * Adds up, for an input that was spread over an output, the gradient of all the elements it was spread to: in double, in parts of
 * the output that follow from the shapes alone, which are then added in order.
 */
template <class T>
class SpreadGradient {
 public:
  SpreadGradient() = default;
  SpreadGradient(const Operand<T>& target, size_t outputCount, int lanes) : targetCount_(target.count), outputCount_(outputCount) {
    // A part's sums must cost less than the part itself.
    const size_t most = outputCount / std::max(kChunkElements, 4 * targetCount_);
    parts_ = target.count == outputCount ? 1 : std::max<size_t>(1, std::min<size_t>(most, 16));
    if (target.count != outputCount) sums_ = AlignedBuffer<double>(static_cast<size_t>(lanes) * parts_ * targetCount_);
  }

  /**
   * Writes target's gradient. `loops` walk the output with operand `side` standing at the target; valueOf(lane) returns a function
   * (element, offset 0, offset 1) of the gradient that passes there.
   */
  template <class F>
  void write(Run& run, const Loops<2>& loops, int side, const Operand<T>& target, F&& valueOf) {
    const std::ptrdiff_t aStep = loops.innerStep(0);
    const std::ptrdiff_t bStep = loops.innerStep(1);
    if (targetCount_ == outputCount_) {
      forEachChunk(run, outputCount_, [&](int lane, size_t begin, size_t count) {
        const auto value = valueOf(lane);
        T* dx = target.gradient(lane);
        loops.forEachRun(begin, count, [&](size_t at, const Loops<2>::Steps& from, size_t n) {
          T* out = dx + at;
          if (target.accumulate) {
            forEachPair(n, aStep, bStep, [&](std::ptrdiff_t i, std::ptrdiff_t a, std::ptrdiff_t b) {
              out[i] += value(at + static_cast<size_t>(i), from[0] + a, from[1] + b);
            });
          } else {
            forEachPair(n, aStep, bStep, [&](std::ptrdiff_t i, std::ptrdiff_t a, std::ptrdiff_t b) {
              out[i] = value(at + static_cast<size_t>(i), from[0] + a, from[1] + b);
            });
          }
        });
      });
      return;
    }
    forEachRange(run, parts_, outputCount_ / parts_, [&](int lane, size_t first, size_t last) {
      const auto value = valueOf(lane);
      for (size_t part = first; part < last; ++part) addPart(loops, side, sumsOf(lane, part), part, value);
    });
    forEachLane(run, targetCount_ * parts_, [&](int lane) {
      T* dx = target.gradient(lane);
      double* total = sumsOf(lane, 0);
      for (size_t part = 1; part < parts_; ++part) {
        const double* sums = sumsOf(lane, part);
        for (size_t i = 0; i < targetCount_; ++i) total[i] += sums[i];
      }
      for (size_t i = 0; i < targetCount_; ++i) {
        const T sum = static_cast<T>(total[i]);
        dx[i] = target.accumulate ? dx[i] + sum : sum;
      }
    });
  }

 private:
  double* sumsOf(int lane, size_t part) { return sums_.data() + (static_cast<size_t>(lane) * parts_ + part) * targetCount_; }

  template <class F>
  void addPart(const Loops<2>& loops, int side, double* sums, size_t part, F&& value) const {
    const size_t begin = outputCount_ * part / parts_;
    const size_t end = outputCount_ * (part + 1) / parts_;
    const std::ptrdiff_t aStep = loops.innerStep(0);
    const std::ptrdiff_t bStep = loops.innerStep(1);
    const std::ptrdiff_t step = side == 0 ? aStep : bStep;
    std::fill(sums, sums + targetCount_, 0.0);
    loops.forEachRun(begin, end - begin, [&](size_t at, const Loops<2>::Steps& from, size_t n) {
      double* into = sums + from[static_cast<size_t>(side)];
      if (step == 0) {
        const std::ptrdiff_t count = static_cast<std::ptrdiff_t>(n);
        const auto sum = [&](auto aOther, auto bOther) {
          *into += sumInDouble(count, [&](std::ptrdiff_t i) {
            return value(at + static_cast<size_t>(i), from[0] + i * aOther, from[1] + i * bOther);
          });
        };
        using One = std::integral_constant<std::ptrdiff_t, 1>;
        using Zero = std::integral_constant<std::ptrdiff_t, 0>;
        if (aStep == 1) return sum(One{}, Zero{});
        if (bStep == 1) return sum(Zero{}, One{});
        return sum(aStep, bStep);
      }
      forEachPair(n, aStep, bStep, [&](std::ptrdiff_t i, std::ptrdiff_t a, std::ptrdiff_t b) {
        into[side == 0 ? a : b] += static_cast<double>(value(at + static_cast<size_t>(i), from[0] + a, from[1] + b));
      });
    });
  }

  size_t targetCount_ = 0;
  size_t outputCount_ = 0;
  size_t parts_ = 1;
  AlignedBuffer<double> sums_;
};

}  // namespace deltalab
