#pragma once

#include <algorithm>
#include <utility>

#include "blocks.h"
#include "core/memory.h"
#include "core/operator.h"
#include "cpu/kernels/rows.h"
#include "normalise_form.h"
#include "normalise_functions.h"

namespace deltalab {

/**
 * y = (x - mean) / sqrt(variance + epsilon) · scale + shift, with the mean and the (biased) variance of the row. Inputs X, scale and,
 * where it is there, shift; outputs Y and, where the node names them, the mean and 1 / sqrt(variance + epsilon) of every row.
 */
template <class T>
class NormaliseStep : public Step<T> {
 public:
  NormaliseStep(StepSpec<T>&& spec, NormaliseForm form) : NormaliseStep(std::move(spec), form, spec.mode) {}

  void forward(Run& run) override {
    const size_t size = form_.size();
    forEachBlock(run, form_.rows, size, itemsPerTask(size), [&](int lane, size_t begin, size_t end) {
      const T* scale = this->inputs[1].data(lane);
      const T* shift = hasShift_ ? this->inputs[2].data(lane) : nullptr;
      for (size_t row = begin; row < end; ++row) {
        const T* x = this->inputs[0].data(lane) + row * size;
        const T mean = static_cast<T>(rowSum(x, size) / static_cast<double>(size));
        const double variance = rowSquares(x, size, mean) / static_cast<double>(size);
        const T factor = standardFactor<T>(variance, form_.epsilon);
        if (means_.size() > 0) {
          means_.data()[index(lane, row)] = mean;
          factors_.data()[index(lane, row)] = factor;
        }
        if (const Operand<T>* means = optionalOutput(1)) means->mutableData(lane)[row] = mean;
        if (const Operand<T>* factors = optionalOutput(2)) factors->mutableData(lane)[row] = factor;
        if (!this->output) continue;
        T* y = this->output.mutableData(lane) + row * size;
        const size_t entry = firstEntry(row);
        if (form_.wholeRows()) {
          rowStandardise(x, scale + entry, shift ? shift + entry : nullptr, y, size, mean, factor);
          continue;
        }
        for (size_t i = 0; i < form_.entries; ++i) {
          rowStandardise(x + i * form_.run, y + i * form_.run, form_.run, mean, factor * scale[entry + i],
                         shift ? shift[entry + i] : T(0));
        }
      }
    });
  }

  void backward(Run& run) override {
    const size_t chunks = (form_.rows + rowsOfChunk_ - 1) / rowsOfChunk_;
    forEachBlock(run, chunks, rowsOfChunk_ * form_.size(), 1, [&](int lane, size_t begin, size_t end) {
      for (size_t chunk = begin; chunk < end; ++chunk) {
        const size_t last = std::min(form_.rows, (chunk + 1) * rowsOfChunk_);
        T* sums = nullptr;
        if (sums_.size() > 0) {
          sums = sums_.data() + (static_cast<size_t>(lane) * chunks + chunk) * sumsOfChunk();
          std::fill(sums, sums + sumsOfChunk(), T(0));
        }
        for (size_t row = chunk * rowsOfChunk_; row < last; ++row) {
          if (form_.wholeRows()) {
            backwardOfRow(lane, row, sums);
          } else {
            backwardOfRuns(lane, row, sums);
            if (sums) sums += 2 * form_.entries;
          }
        }
      }
    });
    if (sums_.size() > 0) addUp(run);
  }

 private:
  NormaliseStep(StepSpec<T>&& spec, NormaliseForm form, ProgramMode mode) : Step<T>(std::move(spec)), form_(form) {
    hasShift_ = this->inputs.size() > 2 && this->inputs[2];
    rowsOfChunk_ = std::min<size_t>(64, std::max<size_t>(1, (form_.rows + 15) / 16));
    if (mode == ProgramMode::Inference) return;
    const size_t lanes = static_cast<size_t>(this->lanes);
    means_ = AlignedBuffer<T>(lanes * form_.rows);
    factors_ = AlignedBuffer<T>(lanes * form_.rows);
    if (this->inputs[1].needsGradient || (hasShift_ && this->inputs[2].needsGradient)) {
      sums_ = AlignedBuffer<T>(lanes * ((form_.rows + rowsOfChunk_ - 1) / rowsOfChunk_) * sumsOfChunk());
    }
    if (!this->output.needsGradient) zeros_ = AlignedBuffer<T>(form_.size());
  }

  const Operand<T>* optionalOutput(size_t i) const {
    return i < this->outputs.size() && this->outputs[i] ? &this->outputs[i] : nullptr;
  }

  /** Gradient of an optional output at a row; 0 where there is none. */
  double gradientAt(size_t i, int lane, size_t row) const {
    const Operand<T>* operand = optionalOutput(i);
    return operand && operand->needsGradient ? static_cast<double>(operand->gradient(lane)[row]) : 0;
  }

  size_t index(int lane, size_t row) const { return static_cast<size_t>(lane) * form_.rows + row; }
  size_t firstEntry(size_t row) const { return row % form_.groups * form_.entries; }
  /** Of whole rows: ∂scale and ∂shift, added up over the rows of the chunk. Of runs: both for every row and entry. */
  size_t sumsOfChunk() const { return 2 * form_.entries * (form_.wholeRows() ? 1 : rowsOfChunk_); }

  const T* outputGradient(int lane, size_t row) const {
    return this->output.needsGradient ? this->output.gradient(lane) + row * form_.size() : zeros_.data();
  }

  GradientFactors<T> factorsOf(int lane, size_t row, RowSums sums) const {
    const size_t at = index(lane, row);
    return rowGradient(means_.data()[at], factors_.data()[at], form_.size(), sums, gradientAt(1, lane, row), gradientAt(2, lane, row));
  }

  void backwardOfRow(int lane, size_t row, T* sums) {
    const size_t size = form_.size(), entry = firstEntry(row);
    const Operand<T>& target = this->inputs[0];
    const T* x = target.data(lane) + row * size;
    const T* dy = outputGradient(lane, row);
    const T mean = means_.data()[index(lane, row)];
    if (target.needsGradient) {
      const T* scale = this->inputs[1].data(lane) + entry;
      const RowSums products = rowProducts(dy, x, scale, size, mean);
      rowStandardiseGradient(dy, x, scale, target.gradient(lane) + row * size, size, factorsOf(lane, row, products),
                             target.accumulate);
    }
    if (sums) rowAddParameterGradients(dy, x, sums, sums + form_.entries, size, mean, factors_.data()[index(lane, row)]);
  }

  /** sums: [2][entries], for this row alone, or null. */
  void backwardOfRuns(int lane, size_t row, T* sums) {
    const size_t size = form_.size(), run = form_.run;
    const Operand<T>& target = this->inputs[0];
    const T* x = target.data(lane) + row * size;
    const T* dy = outputGradient(lane, row);
    const T* scale = this->inputs[1].data(lane) + firstEntry(row);
    const T mean = means_.data()[index(lane, row)];
    const double factor = static_cast<double>(factors_.data()[index(lane, row)]);
    RowSums total;
    for (size_t i = 0; i < form_.entries; ++i) {
      const T* none = nullptr;
      const RowSums products = rowProducts(dy + i * run, x + i * run, none, run, mean);
      total.plain += static_cast<double>(scale[i]) * products.plain;
      total.centred += static_cast<double>(scale[i]) * products.centred;
      if (!sums) continue;
      sums[i] = static_cast<T>(products.centred * factor);
      sums[form_.entries + i] = static_cast<T>(products.plain);
    }
    if (!target.needsGradient) return;
    const GradientFactors<T> whole = factorsOf(lane, row, total);
    for (size_t i = 0; i < form_.entries; ++i) {
      GradientFactors<T> factors = whole;
      factors.a *= scale[i];
      const T* none = nullptr;
      rowStandardiseGradient(dy + i * run, x + i * run, none, target.gradient(lane) + row * size + i * run, run, factors,
                             target.accumulate);
    }
  }

  /** Gradients of scale and shift from the sums of chunks or rows, added in double in their order. */
  void addUp(Run& run) {
    const size_t chunks = (form_.rows + rowsOfChunk_ - 1) / rowsOfChunk_;
    forEachLane(run, form_.rows * form_.entries, [&](int lane) {
      const T* sums = sums_.data() + static_cast<size_t>(lane) * chunks * sumsOfChunk();
      const size_t parts = form_.wholeRows() ? chunks : form_.rows;
      for (size_t which = 0; which < 2; ++which) {
        if (which == 1 && !hasShift_) continue;
        const Operand<T>& target = this->inputs[1 + which];
        if (!target.needsGradient) continue;
        T* to = target.gradient(lane);
        for (size_t i = 0; i < target.count; ++i) {
          const size_t group = i / form_.entries, entry = i % form_.entries;
          double sum = 0;
          for (size_t part = group; part < parts; part += form_.groups) {
            sum += static_cast<double>(sums[(2 * part + which) * form_.entries + entry]);
          }
          to[i] = target.accumulate ? to[i] + static_cast<T>(sum) : static_cast<T>(sum);
        }
      }
    });
  }

  NormaliseForm form_;
  bool hasShift_ = false;
  size_t rowsOfChunk_ = 1;
  /** [lanes][rows], kept for backward. */
  AlignedBuffer<T> means_;
  AlignedBuffer<T> factors_;
  AlignedBuffer<T> sums_;
  /** Stands for the gradient of Y where only the other outputs are read. */
  AlignedBuffer<T> zeros_;
};

}  // namespace deltalab
