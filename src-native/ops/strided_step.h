#pragma once

#include <cstring>
#include <utility>

#include "core/operator.h"
#include "cpu/kernels/kernel_table.h"
#include "loops.h"

namespace deltalab {

/** to[j][i] = from[i][j], or += ; from has `rows` rows, the strides are elements between rows. */
template <class T>
void transposeMatrix(const T* from, size_t stride, size_t rows, size_t columns, T* to, size_t toStride, bool accumulate) {
  if constexpr (std::is_same_v<T, float>) {
    if (!accumulate) {
      kernelTable().transpose(from, static_cast<Index>(stride), static_cast<Index>(rows), static_cast<Index>(columns), to,
                              static_cast<Index>(toStride));
      return;
    }
  }
  // Tiles whose rows, read and written, stay in the nearest cache.
  constexpr size_t kTile = 16;
  for (size_t row = 0; row < rows; row += kTile) {
    const size_t rowEnd = std::min(row + kTile, rows);
    for (size_t column = 0; column < columns; column += kTile) {
      const size_t columnEnd = std::min(column + kTile, columns);
      for (size_t j = column; j < columnEnd; ++j) {
        for (size_t i = row; i < rowEnd; ++i) {
          T& out = to[j * toStride + i];
          out = accumulate ? out + from[i * stride + j] : from[i * stride + j];
        }
      }
    }
  }
}

/**
 * y = some of the elements of x, each at most once, in another order: the loops walk y and have a step for x.
 * Where the fastest loop of x is not that of y, matrices are transposed.
 */
template <class T>
class StridedStep : public Step<T> {
 public:
  /** `offset`: the element of x that y begins with. */
  StridedStep(StepSpec<T>&& spec, Loops<1> loops, std::ptrdiff_t offset)
      : Step<T>(std::move(spec)), loops_(std::move(loops)), offset_(offset), complete_(this->output.count == this->inputs[0].count) {
    findMatrix();
  }

  void forward(Run& run) override {
    if (matrices_ > 0) {
      forEachMatrix(run, [&](int lane, size_t at, std::ptrdiff_t from) {
        transposeMatrix(this->inputs[0].data(lane) + from, xStride_, rows_, columns_, this->output.mutableData(lane) + at, yStride_,
                        false);
      });
      return;
    }
    forEachChunk(run, this->output.count, [&](int lane, size_t begin, size_t count) {
      const T* x = this->inputs[0].data(lane) + offset_;
      T* y = this->output.mutableData(lane);
      const std::ptrdiff_t step = loops_.innerStep(0);
      loops_.forEachRun(begin, count, [&](size_t at, const Loops<1>::Steps& from, size_t n) {
        const T* row = x + from[0];
        T* out = y + at;
        if (step == 1) {
          for (size_t i = 0; i < n; ++i) out[i] = row[i];
        } else {
          for (size_t i = 0; i < n; ++i) out[i] = row[static_cast<std::ptrdiff_t>(i) * step];
        }
      });
    });
  }

  void backward(Run& run) override {
    const Operand<T>& target = this->inputs[0];
    if (!target.needsGradient) return;
    if (matrices_ > 0) {
      forEachMatrix(run, [&](int lane, size_t at, std::ptrdiff_t from) {
        transposeMatrix(this->output.gradient(lane) + at, yStride_, columns_, rows_, target.gradient(lane) + from, xStride_,
                        target.accumulate);
      });
      return;
    }
    const bool adds = target.accumulate || !complete_;
    if (!complete_ && !target.accumulate) {
      forEachChunk(run, target.count, [&](int lane, size_t begin, size_t count) {
        std::fill_n(target.gradient(lane) + begin, count, T(0));
      });
    }
    forEachChunk(run, this->output.count, [&](int lane, size_t begin, size_t count) {
      T* dx = target.gradient(lane) + offset_;
      const T* dy = this->output.gradient(lane);
      const std::ptrdiff_t step = loops_.innerStep(0);
      loops_.forEachRun(begin, count, [&](size_t at, const Loops<1>::Steps& from, size_t n) {
        T* row = dx + from[0];
        const T* in = dy + at;
        if (step == 1) {
          for (size_t i = 0; i < n; ++i) row[i] = adds ? row[i] + in[i] : in[i];
        } else {
          for (size_t i = 0; i < n; ++i) {
            T& out = row[static_cast<std::ptrdiff_t>(i) * step];
            out = adds ? out + in[i] : in[i];
          }
        }
      });
    });
  }

 private:
  /** y's inner loop has large steps in x, and another loop has step 1: together they are matrices to transpose. */
  void findMatrix() {
    if (!complete_ || offset_ != 0 || loops_.rank() < 2 || loops_.innerStep(0) == 1) return;
    const size_t inner = loops_.rank() - 1;
    size_t column = inner;
    for (size_t loop = 0; loop < inner; ++loop) {
      if (loops_.step(loop, 0) == 1) column = loop;
    }
    if (column == inner) return;
    rows_ = loops_.size(inner);
    columns_ = loops_.size(column);
    xStride_ = static_cast<size_t>(loops_.step(inner, 0));
    yStride_ = 1;
    for (size_t loop = column + 1; loop <= inner; ++loop) yStride_ *= loops_.size(loop);
    std::ptrdiff_t stride = static_cast<std::ptrdiff_t>(this->output.count);
    for (size_t loop = 0; loop < inner; ++loop) {
      stride /= static_cast<std::ptrdiff_t>(loops_.size(loop));
      if (loop != column) others_.add(loops_.size(loop), {stride, loops_.step(loop, 0)});
    }
    matrices_ = this->output.count / (rows_ * columns_);
  }

  /** f(lane, offset in y, offset in x) for every matrix. */
  template <class F>
  void forEachMatrix(Run& run, F&& f) {
    forEachRange(run, matrices_, rows_ * columns_, [&](int lane, size_t begin, size_t end) {
      others_.forEachRun(begin, end - begin, [&](size_t, const Loops<2>::Steps& from, size_t n) {
        for (size_t i = 0; i < n; ++i) {
          const std::ptrdiff_t round = static_cast<std::ptrdiff_t>(i);
          f(lane, static_cast<size_t>(from[0] + round * others_.innerStep(0)), from[1] + round * others_.innerStep(1));
        }
      });
    });
  }

  Loops<1> loops_;
  std::ptrdiff_t offset_;
  /** Every element of x is in y. */
  bool complete_;
  /** Set where matrices are transposed: `rows_` × `columns_` in x. */
  size_t matrices_ = 0;
  size_t rows_ = 0, columns_ = 0;
  size_t xStride_ = 0, yStride_ = 0;
  /** The loops over the matrices, with steps in y and in x. */
  Loops<2> others_;
};

}  // namespace deltalab
