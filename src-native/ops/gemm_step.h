#pragma once

#include "activation_step.h"
#include "broadcast.h"
#include "core/operator.h"
#include "reduce.h"

namespace deltalab {

/** The settings of a Gemm node, shapes resolved. */
struct GemmForm {
  enum class Addend {
    None,
    /** C is one row and beta is 1: added in the product's epilogue. */
    Bias,
    /** Any other C: spread into Y before the product. */
    Matrix,
  };
  int m = 0, n = 0, k = 0;
  bool transA = false, transB = false;
  double alpha = 1, beta = 1;
  Addend addend = Addend::None;
};

GemmForm gemmForm(const NodeContext& context);

/** One product for any element type: float goes to the packed kernels, double to plain loops. */
template <class T>
struct Product {
  int m, n, k;
  const T* a;
  size_t lda, aLane;
  bool transA;
  const T* b;
  size_t ldb, bLane;
  bool transB;
  T* c;
  size_t ldc, cLane;
  double alpha;
  bool accumulate;
  const T* bias = nullptr;
  size_t biasLane = 0;
  Activation activation = Activation::None;
  double activationAlpha = 0;
};

/** The product of every lane that takes part. */
void multiply(const Product<float>& product, Run& run);
void multiply(const Product<double>& product, Run& run);

/** `count` products of one lane, whose matrices lie `strides` apart. */
void multiplyStack(const Product<float>& product, int lane, int count, GemmStrides strides, Run& run);

/**
 * The product as the gradient of a parameter, for Run::sink: block by block, so that it never leaves the cache. `product.c` is used where
 * the product is too long for that.
 */
void multiplyIntoSink(const Product<float>& product, int parameter, Run& run);
void multiplyIntoSink(const Product<double>& product, int parameter, Run& run);

/** Gives the sink a gradient that has been computed into its buffer. */
void giveToSink(int parameter, float* gradient, size_t count, Run& run);
void giveToSink(int parameter, double* gradient, size_t count, Run& run);

template <class T>
class GemmStep : public Step<T> {
 public:
  explicit GemmStep(StepSpec<T>&& spec)
      : GemmStep(std::move(spec), gemmForm(spec.context), spec.activation, spec.activationAlpha, spec.wide) {}

  void forward(Run& run) override {
    const Operand<T>& a = this->inputs[0];
    const Operand<T>& b = this->inputs[1];
    Product<T> product{};
    product.m = form_.m;
    product.n = form_.n;
    product.k = form_.k;
    product.a = a.storage->data;
    product.lda = a.rowStride;
    product.aLane = a.storage->laneStride;
    product.transA = form_.transA;
    product.b = b.storage->data;
    product.ldb = b.rowStride;
    product.bLane = b.storage->laneStride;
    product.transB = form_.transB;
    product.c = this->output.storage->data;
    product.ldc = this->output.rowStride;
    product.cLane = this->output.storage->laneStride;
    product.alpha = form_.alpha;
    product.activation = activation_;
    product.activationAlpha = activationAlpha_;
    if (form_.addend == GemmForm::Addend::Bias) {
      product.bias = this->inputs[2].storage->data;
      product.biasLane = this->inputs[2].storage->laneStride;
    } else if (form_.addend == GemmForm::Addend::Matrix) {
      spreadAddend(run);
      product.accumulate = true;
    }
    if (!goesWide(run)) return multiply(product, run);
    product.n *= this->lanes;
    Run all{run.pool, run.workspace, LaneSet{}};
    multiply(product, all);
  }

  void backward(Run& run) override {
    const Operand<T>& a = this->inputs[0];
    const Operand<T>& b = this->inputs[1];
    if (activation_ != Activation::None) multiplyBySlope(run);
    if (a.needsGradient) gradientOfA(run, a, b);
    if (b.needsGradient) gradientOfB(run, a, b);
    if (this->inputs.size() > 2 && this->inputs[2].needsGradient) {
      const Operand<T>& c = this->inputs[2];
      gradientOfC(run);
      if (run.sink && c.parameter >= 0) giveToSink(c.parameter, c.gradient(0), c.count, run);
    }
  }

 private:
  GemmStep(StepSpec<T>&& spec, GemmForm form, Activation activation, double activationAlpha, bool wide)
      : Step<T>(std::move(spec)), form_(form), activation_(activation), activationAlpha_(activationAlpha), wide_(wide) {
    if (this->inputs.size() > 2 && this->inputs[2] && form_.addend != GemmForm::Addend::Bias) {
      spread_ = broadcastLoops<1>({&this->inputs[2].shape}, this->output.shape);
      if (this->inputs[2].needsGradient) sums_.resize(this->inputs[2].count * this->lanes);
    }
  }

  /** One product for all lanes, unless most of them are frozen: the bits are the same either way. */
  bool goesWide(const Run& run) const { return wide_ && run.lanes.activeCount * 2 >= this->lanes; }

  /** Y = beta · C, spread. */
  void spreadAddend(Run& run) {
    forEachLane(run, this->output.count, [&](int lane) {
      const T* c = this->inputs[2].data(lane);
      T* y = this->output.mutableData(lane);
      const T beta = static_cast<T>(form_.beta);
      const std::ptrdiff_t step = spread_.innerStep(0);
      spread_.forEachRun(0, this->output.count, [&](size_t at, const Loops<1>::Steps& from, size_t n) {
        const T* row = c + from[0];
        for (size_t i = 0; i < n; ++i) y[at + i] = beta * row[static_cast<std::ptrdiff_t>(i) * step];
      });
    });
  }

  /** Turns ∂E/∂y into ∂E/∂u in place, u being the product before the activation. */
  void multiplyBySlope(Run& run) {
    const Storage<T>& y = *this->output.storage;
    const size_t width = static_cast<size_t>(form_.n);
    const int threads = run.pool.threads();
    if (threads > 1 && run.lanes.count == 1 && this->output.rowStride == width && this->output.count >= kSharedSlopes) {
      // By columns, which lie near the core that has computed them with the weights of their neurons.
      run.pool.forEach(threads, [&](int part) {
        const size_t begin = width * static_cast<size_t>(part) / static_cast<size_t>(threads);
        const size_t end = width * static_cast<size_t>(part + 1) / static_cast<size_t>(threads);
        for (size_t at = begin; at < this->output.count; at += width) {
          applySlope(activation_, y.data + at, y.gradient + at, y.gradient + at, end - begin, activationAlpha_);
        }
      });
      return;
    }
    if (this->output.rowStride == width || goesWide(run)) {
      // Lane after lane, or all lanes at once where they lie interleaved.
      const bool together = this->output.rowStride != width;
      Run all{run.pool, run.workspace, LaneSet{}};
      forEachChunk(together ? all : run, this->output.count * (together ? static_cast<size_t>(this->lanes) : 1),
                   [&](int lane, size_t begin, size_t count) {
                     const size_t at = static_cast<size_t>(lane) * y.laneStride + begin;
                     applySlope(activation_, y.data + at, y.gradient + at, y.gradient + at, count, activationAlpha_);
                   });
      return;
    }
    forEachLane(run, this->output.count, [&](int lane) {
      for (int row = 0; row < form_.m; ++row) {
        const size_t at = static_cast<size_t>(lane) * y.laneStride + static_cast<size_t>(row) * this->output.rowStride;
        applySlope(activation_, y.data + at, y.gradient + at, y.gradient + at, width, activationAlpha_);
      }
    });
  }

  /** dA = alpha · dY · B'ᵀ, or its transpose. */
  void gradientOfA(Run& run, const Operand<T>& a, const Operand<T>& b) {
    const Storage<T>& y = *this->output.storage;
    Product<T> product{};
    if (form_.transA) {
      product = {form_.k, form_.m, form_.n, b.storage->data, b.rowStride, b.storage->laneStride, form_.transB,
                 y.gradient, this->output.rowStride, y.laneStride, true, a.storage->gradient, a.rowStride,
                 a.storage->laneStride, form_.alpha, a.accumulate};
    } else {
      product = {form_.m, form_.k, form_.n, y.gradient, this->output.rowStride, y.laneStride, false, b.storage->data,
                 b.rowStride, b.storage->laneStride, !form_.transB, a.storage->gradient, a.rowStride,
                 a.storage->laneStride, form_.alpha, a.accumulate};
    }
    multiply(product, run);
  }

  /** dB = alpha · A'ᵀ · dY, or its transpose; one product for all lanes where their weights are stacked. */
  void gradientOfB(Run& run, const Operand<T>& a, const Operand<T>& b) {
    const Storage<T>& y = *this->output.storage;
    Product<T> product{};
    if (form_.transB) {
      product = {form_.n, form_.k, form_.m, y.gradient, this->output.rowStride, y.laneStride, true, a.storage->data,
                 a.rowStride, a.storage->laneStride, form_.transA, b.storage->gradient, b.rowStride,
                 b.storage->laneStride, form_.alpha, b.accumulate};
    } else {
      product = {form_.k, form_.n, form_.m, a.storage->data, a.rowStride, a.storage->laneStride, !form_.transA,
                 y.gradient, this->output.rowStride, y.laneStride, false, b.storage->gradient, b.rowStride,
                 b.storage->laneStride, form_.alpha, b.accumulate};
    }
    if (run.sink && b.parameter >= 0) return multiplyIntoSink(product, b.parameter, run);
    if (!goesWide(run)) return multiply(product, run);
    product.m *= this->lanes;
    Run all{run.pool, run.workspace, LaneSet{}};
    multiply(product, all);
  }

  void gradientOfC(Run& run) {
    const Operand<T>& c = this->inputs[2];
    const Storage<T>& y = *this->output.storage;
    if (form_.addend == GemmForm::Addend::Bias) {
      laneColumnSums(run, y, static_cast<size_t>(form_.m), static_cast<size_t>(form_.n), this->output.rowStride, c, T(1));
      return;
    }
    forEachLane(run, this->output.count, [&](int lane) {
      const T* dy = this->output.gradient(lane);
      T* dc = c.gradient(lane);
      double* sums = sums_.data() + static_cast<size_t>(lane) * c.count;
      for (size_t i = 0; i < c.count; ++i) sums[i] = 0;
      const std::ptrdiff_t step = spread_.innerStep(0);
      spread_.forEachRun(0, this->output.count, [&](size_t at, const Loops<1>::Steps& from, size_t n) {
        double* row = sums + from[0];
        for (size_t i = 0; i < n; ++i) row[static_cast<std::ptrdiff_t>(i) * step] += static_cast<double>(dy[at + i]);
      });
      for (size_t i = 0; i < c.count; ++i) {
        const T value = static_cast<T>(form_.beta * sums[i]);
        dc[i] = c.accumulate ? dc[i] + value : value;
      }
    });
  }

  /** Values of which a thread multiplies its part, rather than fetch those of others. */
  static constexpr size_t kSharedSlopes = 8192;

  GemmForm form_;
  Activation activation_;
  double activationAlpha_;
  bool wide_;
  Loops<1> spread_;
  std::vector<double> sums_;
};

}  // namespace deltalab
