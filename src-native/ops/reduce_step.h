#pragma once

#include <type_traits>
#include <utility>
#include <vector>

#include "axes.h"
#include "broadcast.h"
#include "core/memory.h"
#include "core/operator.h"
#include "core/sample.h"
#include "reduce_functions.h"

namespace deltalab {

/** What a Reduce… node does, shapes resolved. */
struct Reduction {
  std::vector<bool> reduced;  // by dimension of the input
  bool keepDims = true;

  Shape outputShape(const Shape& input) const;
};

/** Reads `axes` (input 2, a constant; all dimensions where it is omitted or empty), `keepdims`, `noop_with_empty_axes`. */
Reduction reductionOf(const NodeContext& context);

std::vector<Shape> reducedShape(const NodeContext& context);

/** All but the steps, `reads` and the name. */
OperatorDefinition reduceOperator(const char* opType);

/** y = Kind (reduce_functions.h) over the reduced dimensions, each element in an order that follows from the shape of the input. */
template <class T, class Kind>
class ReduceStep : public Step<T> {
 public:
  explicit ReduceStep(StepSpec<T>&& spec) : ReduceStep(std::move(spec), reductionOf(spec.context)) {}

  void forward(Run& run) override {
    forEachPart(run, [&](int lane, size_t begin, size_t end) {
      const T* x = this->inputs[0].data(lane);
      T* y = this->output.mutableData(lane);
      kept_.forEachRun(begin, end - begin, [&](size_t at, const Loops<1>::Steps& from, size_t n) {
        if (kept_.innerStep(0) == 1) reduceColumns(x + from[0], y + at, n);
        else {
          for (size_t i = 0; i < n; ++i) y[at + i] = reduceOne(x + from[0] + static_cast<std::ptrdiff_t>(i) * kept_.innerStep(0));
        }
      });
    });
  }

  void backward(Run& run) override {
    const Operand<T>& target = this->inputs[0];
    if (!target.needsGradient) return;
    if constexpr (Kind::kSelects) countTies(run);
    const T scale = Kind::kMean ? static_cast<T>(1.0 / static_cast<double>(reducedCount_)) : T(1);
    forEachChunk(run, target.count, [&](int lane, size_t begin, size_t count) {
      const T* x = target.data(lane);
      const T* y = this->output.data(lane);
      const T* dy = this->output.gradient(lane);
      const T* shares = Kind::kSelects ? shares_.data() + static_cast<size_t>(lane) * this->output.count : nullptr;
      T* dx = target.gradient(lane);
      const std::ptrdiff_t step = spread_.innerStep(0);
      spread_.forEachRun(begin, count, [&](size_t at, const Loops<1>::Steps& from, size_t n) {
        for (size_t i = 0; i < n; ++i) {
          const std::ptrdiff_t to = from[0] + static_cast<std::ptrdiff_t>(i) * step;
          T value;
          if constexpr (Kind::kSelects) value = x[at + i] == y[to] ? dy[to] * shares[to] : T(0);
          else if constexpr (Kind::kSloped) value = dy[to] * slopeAt(x, at + i, y[to], to);
          else value = dy[to] * scale;
          dx[at + i] = target.accumulate ? dx[at + i] + value : value;
        }
      });
    });
  }

 private:
  using Total = typename Kind::template Total<T>;
  static constexpr size_t kColumns = 64;

  ReduceStep(StepSpec<T>&& spec, const Reduction& reduction) : Step<T>(std::move(spec)) {
    const Shape& shape = this->inputs[0].shape;
    const std::vector<std::ptrdiff_t> strides = stridesOf(shape);
    Shape kept = shape;
    for (size_t i = 0; i < shape.size(); ++i) {
      (reduction.reduced[i] ? reduced_ : kept_).add(static_cast<size_t>(shape[i]), {strides[i]});
      if (reduction.reduced[i]) kept[i] = 1;
    }
    spread_ = broadcastLoops<1>({&kept}, shape);
    reducedCount_ = this->inputs[0].count / this->output.count;
    if (Kind::kSelects && this->inputs[0].needsGradient) {
      shares_ = AlignedBuffer<T>(static_cast<size_t>(this->lanes) * this->output.count);
    }
  }

  /** f(lane, begin, end) over elements of the output; those side by side share cache lines of the input and stay together. */
  template <class F>
  void forEachPart(Run& run, F&& f) {
    constexpr size_t kLine = kAlignment / sizeof(T);
    const size_t least = kept_.innerStep(0) == 1 ? kLine : 1;
    forEachBlock(run, this->output.count, reducedCount_, std::max(least, itemsPerTask(reducedCount_)), std::forward<F>(f));
  }

  /** Elements that lie side by side, each over all its rows. */
  void reduceColumns(const T* x, T* y, size_t n) const {
    for (size_t tile = 0; tile < n; tile += kColumns) {
      const size_t width = std::min(kColumns, n - tile);
      Total totals[kColumns];
      std::fill_n(totals, width, Kind::template start<T>());
      reduced_.forEachRun(0, reducedCount_, [&](size_t, const Loops<1>::Steps& from, size_t rows) {
        for (size_t row = 0; row < rows; ++row) {
          const T* line = x + from[0] + static_cast<std::ptrdiff_t>(row) * reduced_.innerStep(0) + tile;
          for (size_t j = 0; j < width; ++j) totals[j] = Kind::add(totals[j], line[j]);
        }
      });
      for (size_t j = 0; j < width; ++j) y[tile + j] = Kind::template result<T>(totals[j], reducedCount_);
    }
  }

  T reduceOne(const T* x) const {
    using One = std::integral_constant<std::ptrdiff_t, 1>;
    Total total = Kind::template start<T>();
    const std::ptrdiff_t step = reduced_.innerStep(0);
    reduced_.forEachRun(0, reducedCount_, [&](size_t, const Loops<1>::Steps& from, size_t n) {
      const std::ptrdiff_t count = static_cast<std::ptrdiff_t>(n);
      total = Kind::join(total, step == 1 ? reduceRun(x + from[0], count, One{}) : reduceRun(x + from[0], count, step));
    });
    return Kind::template result<T>(total, reducedCount_);
  }

  /** Eight chains, joined in order: one alone would wait for each addition. A step known to the compiler lets it use vectors. */
  template <class Stride>
  static Total reduceRun(const T* line, std::ptrdiff_t n, Stride step) {
    constexpr std::ptrdiff_t kChains = 8;
    Total chains[kChains];
    std::fill_n(chains, kChains, Kind::template start<T>());
    std::ptrdiff_t i = 0;
    for (; i + kChains <= n; i += kChains) {
      for (std::ptrdiff_t j = 0; j < kChains; ++j) chains[j] = Kind::add(chains[j], line[(i + j) * step]);
    }
    for (std::ptrdiff_t j = 0; i < n; ++i, ++j) chains[j] = Kind::add(chains[j], line[i * step]);
    Total total = chains[0];
    for (std::ptrdiff_t j = 1; j < kChains; ++j) total = Kind::join(total, chains[j]);
    return total;
  }

  /** ∂y/∂x of element `at` of the input, which makes element `to` of the output. */
  T slopeAt(const T* x, size_t at, T y, std::ptrdiff_t to) const {
    if constexpr (Kind::kMultiplies) {
      // A division by 0 does not give the product of the others.
      if (x[at] == 0) return productOfOthers(x, at, to);
    }
    return Kind::slope(x[at], y);
  }

  T productOfOthers(const T* x, size_t at, std::ptrdiff_t to) const {
    double product = 1;
    kept_.forEachRun(static_cast<size_t>(to), 1, [&](size_t, const Loops<1>::Steps& from, size_t) {
      reduced_.forEachRun(0, reducedCount_, [&](size_t, const Loops<1>::Steps& step, size_t n) {
        for (size_t i = 0; i < n; ++i) {
          const std::ptrdiff_t other = from[0] + step[0] + static_cast<std::ptrdiff_t>(i) * reduced_.innerStep(0);
          if (static_cast<size_t>(other) != at) product *= static_cast<double>(x[other]);
        }
      });
    });
    return static_cast<T>(product);
  }

  /** shares = 1 / the number of elements that are the extreme: they share the gradient, as in PyTorch's amax. */
  void countTies(Run& run) {
    forEachPart(run, [&](int lane, size_t begin, size_t end) {
      const T* x = this->inputs[0].data(lane);
      const T* y = this->output.data(lane);
      T* shares = shares_.data() + static_cast<size_t>(lane) * this->output.count;
      std::fill(shares + begin, shares + end, T(0));
      const std::ptrdiff_t across = kept_.innerStep(0);
      const std::ptrdiff_t along = reduced_.innerStep(0);
      kept_.forEachRun(begin, end - begin, [&](size_t at, const Loops<1>::Steps& from, size_t n) {
        reduced_.forEachRun(0, reducedCount_, [&](size_t, const Loops<1>::Steps& to, size_t rows) {
          // Elements side by side are walked in the inner loop.
          const T* first = x + from[0] + to[0];
          const std::ptrdiff_t columns = static_cast<std::ptrdiff_t>(n), lines = static_cast<std::ptrdiff_t>(rows);
          if (across == 1) {
            for (std::ptrdiff_t i = 0; i < lines; ++i) countLine(first + i * along, y + at, shares + at, columns);
          } else {
            for (std::ptrdiff_t i = 0; i < columns; ++i) {
              const size_t element = at + static_cast<size_t>(i);
              for (std::ptrdiff_t j = 0; j < lines; ++j) shares[element] += isTie(first[i * across + j * along], y[element]);
            }
          }
        });
      });
      for (size_t i = begin; i < end; ++i) shares[i] = T(1) / std::max(T(1), shares[i]);
    });
  }

  static T isTie(T x, T y) { return x == y ? T(1) : T(0); }

  static void countLine(const T* x, const T* y, T* counts, std::ptrdiff_t n) {
    for (std::ptrdiff_t i = 0; i < n; ++i) counts[i] += isTie(x[i], y[i]);
  }

  /** Loops over the input: those of the output's elements, and those of what each of them is made of. */
  Loops<1> kept_, reduced_;
  /** The whole input in order, with steps in the output. */
  Loops<1> spread_;
  size_t reducedCount_ = 1;
  AlignedBuffer<T> shares_;
};

}  // namespace deltalab
