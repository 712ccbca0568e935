#pragma once

#include "activation_step.h"
#include "broadcast.h"
#include "gemm_step.h"

namespace deltalab {

/** A MatMul node as products of matrices [m, k] · [k, n], shapes resolved. */
struct MatMulForm {
  int m = 1, n = 1, k = 1;
  Shape batchA, batchB, batch;
  Shape output;
};

MatMulForm matMulForm(const NodeContext& context);
/** The same products; where there is one matrix on the right, the rows of the whole stack on the left are one matrix. */
MatMulForm withRowsTogether(MatMulForm form);

/** Products of stacks of matrices; the stacks spread over each other by NumPy's rule. */
template <class T>
class MatMulStep : public Step<T> {
 public:
  explicit MatMulStep(StepSpec<T>&& spec)
      : MatMulStep(std::move(spec), withRowsTogether(matMulForm(spec.context)), spec.activation, spec.activationAlpha) {}

  void forward(Run& run) override {
    const Operand<T>& a = this->inputs[0];
    const Operand<T>& b = this->inputs[1];
    Product<T> product{};
    product.m = m_;
    product.n = n_;
    product.k = k_;
    product.a = a.storage->data;
    product.lda = static_cast<size_t>(k_);
    product.aLane = a.storage->laneStride;
    product.b = b.storage->data;
    product.ldb = static_cast<size_t>(n_);
    product.bLane = b.storage->laneStride;
    product.c = this->output.storage->data;
    product.ldc = static_cast<size_t>(n_);
    product.cLane = this->output.storage->laneStride;
    product.alpha = 1;
    product.activation = activation_;
    product.activationAlpha = activationAlpha_;
    multiplyAll(run, product, {kA, kB, kY});
  }

  void backward(Run& run) override {
    if (activation_ != Activation::None) {
      forEachChunk(run, this->output.count, [&](int lane, size_t begin, size_t count) {
        T* dy = this->output.gradient(lane) + begin;
        applySlope(activation_, this->output.data(lane) + begin, dy, dy, count, activationAlpha_);
      });
    }
    if (this->inputs[0].needsGradient) gradientOfA(run);
    if (this->inputs[1].needsGradient) gradientOfB(run);
  }

 private:
  /** Operands of the loops over the stacks; their steps are counted in matrices. */
  static constexpr int kA = 0, kB = 1, kY = 2;
  struct Roles {
    int a, b, c;
  };

  MatMulStep(StepSpec<T>&& spec, MatMulForm form, Activation activation, double activationAlpha)
      : Step<T>(std::move(spec)), m_(form.m), n_(form.n), k_(form.k), activation_(activation), activationAlpha_(activationAlpha) {
    loops_ = broadcastLoops<3>({&form.batchA, &form.batchB, &form.batch}, form.batch);
    batch_ = elementCount(form.batch);
    sizes_[kA] = static_cast<size_t>(m_) * static_cast<size_t>(k_);
    sizes_[kB] = static_cast<size_t>(k_) * static_cast<size_t>(n_);
    sizes_[kY] = static_cast<size_t>(m_) * static_cast<size_t>(n_);
    spreads_[kA] = elementCount(form.batchA) != batch_;
    spreads_[kB] = elementCount(form.batchB) != batch_;
  }

  /** dA = dY · Bᵀ, summed over what A was spread to. */
  void gradientOfA(Run& run) {
    const Operand<T>& a = this->inputs[0];
    const Operand<T>& b = this->inputs[1];
    const Storage<T>& y = *this->output.storage;
    const size_t n = static_cast<size_t>(n_);
    const Product<T> product{m_, k_, n_, y.gradient, n, y.laneStride, false, b.storage->data, n, b.storage->laneStride, true,
                             a.storage->gradient, static_cast<size_t>(k_), a.storage->laneStride, 1, a.accumulate};
    gradientOf(run, kA, product, {kY, kB, kA});
  }

  /** dB = Aᵀ · dY, summed over what B was spread to. */
  void gradientOfB(Run& run) {
    const Operand<T>& a = this->inputs[0];
    const Operand<T>& b = this->inputs[1];
    const Storage<T>& y = *this->output.storage;
    const size_t n = static_cast<size_t>(n_);
    const Product<T> product{k_, n_, m_, a.storage->data, static_cast<size_t>(k_), a.storage->laneStride, true, y.gradient, n,
                             y.laneStride, false, b.storage->gradient, n, b.storage->laneStride, 1, b.accumulate};
    gradientOf(run, kB, product, {kA, kY, kB});
  }

  void gradientOf(Run& run, int input, Product<T> product, const Roles& roles) {
    const Operand<T>& target = this->inputs[static_cast<size_t>(input)];
    if (!spreads_[input]) return multiplyAll(run, product, roles);
    if (!target.accumulate) {
      forEachChunk(run, target.count, [&](int lane, size_t begin, size_t count) {
        std::fill_n(target.gradient(lane) + begin, count, T(0));
      });
    }
    product.accumulate = true;
    forEachMatrix([&](const typename Loops<3>::Steps& at) { multiply(shifted(product, roles, at), run); });
  }

  /** Every matrix of the stack. Each element of the result is written once. */
  void multiplyAll(Run& run, const Product<T>& product, const Roles& roles) {
    if constexpr (std::is_same_v<T, float>) {
      if (batch_ > 1) {
        // Along the inner loop the matrices are evenly spaced: one call for all of them.
        for (int lane = 0; lane < run.lanes.count; ++lane) {
          if (!run.lanes.has(lane)) continue;
          loops_.forEachRun(0, batch_, [&](size_t, const typename Loops<3>::Steps& at, size_t n) {
            multiplyStack(shifted(product, roles, at), lane, static_cast<int>(n),
                          {stride(roles.a), stride(roles.b), stride(roles.c), 0}, run);
          });
        }
        return;
      }
    }
    forEachMatrix([&](const typename Loops<3>::Steps& at) { multiply(shifted(product, roles, at), run); });
  }

  size_t stride(int operand) const { return static_cast<size_t>(loops_.innerStep(operand)) * sizes_[operand]; }

  template <class F>
  void forEachMatrix(F&& f) const {
    loops_.forEachRun(0, batch_, [&](size_t, typename Loops<3>::Steps at, size_t n) {
      for (size_t i = 0; i < n; ++i) {
        f(at);
        for (int operand : {kA, kB, kY}) at[static_cast<size_t>(operand)] += loops_.innerStep(operand);
      }
    });
  }

  Product<T> shifted(Product<T> product, const Roles& roles, const typename Loops<3>::Steps& at) const {
    product.a += at[static_cast<size_t>(roles.a)] * static_cast<std::ptrdiff_t>(sizes_[roles.a]);
    product.b += at[static_cast<size_t>(roles.b)] * static_cast<std::ptrdiff_t>(sizes_[roles.b]);
    product.c += at[static_cast<size_t>(roles.c)] * static_cast<std::ptrdiff_t>(sizes_[roles.c]);
    return product;
  }

  int m_, n_, k_;
  Activation activation_;
  double activationAlpha_;
  Loops<3> loops_;
  size_t batch_ = 1;
  /** Elements of a matrix of A, B and Y. */
  size_t sizes_[3] = {};
  /** A and B: repeated along some dimension of the stack. */
  bool spreads_[2] = {};
};

}  // namespace deltalab
