#pragma once

#include <cstring>
#include <utility>

#include "core/operator.h"
#include "cpu/kernels/kernel_table.h"
#include "strided_form.h"

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
  StridedStep(StepSpec<T>&& spec, StridedForm form)
      : Step<T>(std::move(spec)),
        form_(std::move(form)),
        complete_(this->output.count == this->inputs[0].count),
        matrices_(form_, this->inputs[0].count, this->output.count) {}

  void forward(Run& run) override {
    if (matrices_.count > 0) {
      forEachMatrix(run, [&](int lane, size_t at, std::ptrdiff_t from) {
        transposeMatrix(this->inputs[0].data(lane) + from, matrices_.xStride, matrices_.rows, matrices_.columns,
                        this->output.mutableData(lane) + at, matrices_.yStride, false);
      });
      return;
    }
    forEachChunk(run, this->output.count, [&](int lane, size_t begin, size_t count) {
      const T* x = this->inputs[0].data(lane) + form_.offset;
      T* y = this->output.mutableData(lane);
      const std::ptrdiff_t step = form_.loops.innerStep(0);
      form_.loops.forEachRun(begin, count, [&](size_t at, const Loops<1>::Steps& from, size_t n) {
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
    if (matrices_.count > 0) {
      forEachMatrix(run, [&](int lane, size_t at, std::ptrdiff_t from) {
        transposeMatrix(this->output.gradient(lane) + at, matrices_.yStride, matrices_.columns, matrices_.rows,
                        target.gradient(lane) + from, matrices_.xStride, target.accumulate);
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
      T* dx = target.gradient(lane) + form_.offset;
      const T* dy = this->output.gradient(lane);
      const std::ptrdiff_t step = form_.loops.innerStep(0);
      form_.loops.forEachRun(begin, count, [&](size_t at, const Loops<1>::Steps& from, size_t n) {
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
  /** f(lane, offset in y, offset in x) for every matrix. */
  template <class F>
  void forEachMatrix(Run& run, F&& f) {
    forEachRange(run, matrices_.count, matrices_.rows * matrices_.columns, [&](int lane, size_t begin, size_t end) {
      matrices_.loops.forEachRun(begin, end - begin, [&](size_t, const Loops<2>::Steps& from, size_t n) {
        for (size_t i = 0; i < n; ++i) {
          const std::ptrdiff_t round = static_cast<std::ptrdiff_t>(i);
          f(lane, static_cast<size_t>(from[0] + round * matrices_.loops.innerStep(0)), from[1] + round * matrices_.loops.innerStep(1));
        }
      });
    });
  }

  StridedForm form_;
  /** Every element of x is in y. */
  bool complete_;
  StridedMatrices matrices_;
};

}  // namespace deltalab
