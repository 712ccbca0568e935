#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "blocks.h"
#include "core/errors.h"
#include "core/operator.h"

namespace deltalab {

/**
 * The elements of a tensor as nested loops, outermost first, and where N operands stand at each of them: every loop has a step per
 * operand (0 where it repeats, negative where it goes backwards). Neighbouring loops that all operands walk alike are merged, so
 * most cases are one or two loops.
 */
template <int N>
class Loops {
 public:
  static constexpr size_t kMaxRank = 16;
  using Steps = std::array<std::ptrdiff_t, N>;

  /** Adds an inner loop. */
  void add(size_t size, const Steps& steps) {
    if (size == 1) return;
    if (!loops_.empty() && merges(loops_.back(), size, steps)) {
      loops_.back().size *= size;
      loops_.back().steps = steps;
      return;
    }
    if (loops_.size() == kMaxRank) {
      throw EngineError("engine.argument", "Tensors of rank above 16 are not supported",
                        {{"argument", std::string("rank")}, {"reason", std::string("at most 16 dimensions")}});
    }
    loops_.push_back({size, steps});
  }

  size_t rank() const { return loops_.size(); }
  size_t size(size_t loop) const { return loops_[loop].size; }
  std::ptrdiff_t step(size_t loop, int operand) const { return loops_[loop].steps[static_cast<size_t>(operand)]; }
  size_t innerSize() const { return loops_.empty() ? 1 : loops_.back().size; }
  std::ptrdiff_t innerStep(int operand) const { return loops_.empty() ? 0 : step(loops_.size() - 1, operand); }

  /** f(element, offsets of the operands, n) for the straight runs that make up the elements begin..begin+count, in order. */
  template <class F>
  void forEachRun(size_t begin, size_t count, F&& f) const {
    size_t index[kMaxRank] = {};
    Steps at{};
    size_t rest = begin;
    for (size_t loop = loops_.size(); loop-- > 0;) {
      index[loop] = rest % loops_[loop].size;
      rest /= loops_[loop].size;
      move(at, loop, static_cast<std::ptrdiff_t>(index[loop]));
    }
    const size_t inner = loops_.size() - 1;
    for (size_t element = begin; element < begin + count;) {
      if (loops_.empty()) return f(element, at, size_t{1});
      const size_t n = std::min(loops_[inner].size - index[inner], begin + count - element);
      f(element, at, n);
      element += n;
      move(at, inner, -static_cast<std::ptrdiff_t>(index[inner]));
      index[inner] = 0;
      for (size_t loop = inner; loop-- > 0;) {
        move(at, loop, 1);
        if (++index[loop] < loops_[loop].size) break;
        move(at, loop, -static_cast<std::ptrdiff_t>(loops_[loop].size));
        index[loop] = 0;
      }
    }
  }

 private:
  struct Loop {
    size_t size;
    Steps steps;
  };

  static bool merges(const Loop& outer, size_t size, const Steps& steps) {
    for (size_t i = 0; i < N; ++i) {
      if (outer.steps[i] != steps[i] * static_cast<std::ptrdiff_t>(size)) return false;
    }
    return true;
  }

  void move(Steps& at, size_t loop, std::ptrdiff_t rounds) const {
    for (size_t i = 0; i < N; ++i) at[i] += loops_[loop].steps[i] * rounds;
  }

  std::vector<Loop> loops_;
};

/** Elements between neighbours of every dimension of a row-major tensor. */
inline std::vector<std::ptrdiff_t> stridesOf(const Shape& shape) {
  std::vector<std::ptrdiff_t> strides(shape.size(), 1);
  for (size_t i = shape.size(); i-- > 1;) strides[i - 1] = strides[i] * static_cast<std::ptrdiff_t>(shape[i]);
  return strides;
}

/** f(lane, begin, end) over pieces of 0..count-1 of every lane that takes part; `elements` tells the work of one. Pieces follow from sizes alone. */
template <class F>
void forEachRange(Run& run, size_t count, size_t elements, F&& f) {
  forEachBlock(run, count, elements, itemsPerTask(elements), std::forward<F>(f));
}

}  // namespace deltalab
