#include <algorithm>

#include "device_memory.h"
#include "fused_activation.h"
#include "gemm.h"
#include "ops/gemm_step.h"
#include "spread_gradient.h"
#include "steps.h"

namespace deltalab::cuda {

namespace {

/** A matrix that lies row by row in an operand. */
Matrix matrixOf(const float* data, const Operand<float>& operand) { return {data, operand.rowStride, 1, operand.storage->laneStride}; }
Matrix turned(const Matrix& matrix, bool turn) { return turn ? matrix.transposed() : matrix; }

/** What of dy goes to C; every element of dy goes there once. */
struct Passed {
  FusedSlope given;
  float beta;

  __device__ float operator()(int lane, size_t element, const ptrdiff_t (&)[1]) const { return beta * given(lane, element); }
};

/** Y = beta · C, spread. */
struct SpreadAddend {
  DeviceLoops<1> loops;
  LaneValues<const float> c;
  LaneValues<float> y;
  float beta;

  __device__ void operator()(int lane, size_t i) const { y.of(lane)[i] = beta * c.of(lane)[loops.at(i).of[0]]; }
};

class GemmStep final : public DeviceStep {
 public:
  GemmStep(StepSpec<float>&& spec, Stream& stream) : GemmStep(std::move(spec), stream, gemmForm(spec.context), spec.activation, spec.activationAlpha) {}

  void forward(Run&) override {
    const Operand<float>&a = inputs[0], &b = inputs[1];
    Product product{};
    product.m = form_.m;
    product.n = form_.n;
    product.k = form_.k;
    product.a = turned(matrixOf(a.data(0), a), form_.transA);
    product.b = turned(matrixOf(b.data(0), b), form_.transB);
    product.c = output.mutableData(0);
    product.cRow = output.rowStride;
    product.cLane = output.storage->laneStride;
    product.alpha = static_cast<float>(form_.alpha);
    product.parts = parts_.data();
    product.activation = activation_.activation;
    product.activationAlpha = activation_.alpha;
    if (form_.addend == GemmForm::Addend::Bias) {
      product.bias = inputs[2].data(0);
      product.biasLane = inputs[2].storage->laneStride;
    } else if (form_.addend == GemmForm::Addend::Matrix) {
      forEachElement(stream_, lanes, output.count,
                     SpreadAddend{DeviceLoops<1>(broadcastLoops<1>({&inputs[2].shape}, output.shape)), valuesOf(inputs[2]), resultOf(output),
                                  static_cast<float>(form_.beta)});
      product.accumulate = true;
    }
    multiply(stream_, precision_, lanes, product);
  }

  void backward(Run&) override {
    if (inputs.size() > 2 && inputs[2].needsGradient) addend_.write(inputs[2], Passed{{output, activation_}, static_cast<float>(form_.beta)});
    else passBack(stream_, lanes, activation_, output);
    const Operand<float>&a = inputs[0], &b = inputs[1];
    const Matrix dy = matrixOf(output.gradient(0), output);
    const Matrix aMatrix = turned(matrixOf(a.data(0), a), form_.transA), bMatrix = turned(matrixOf(b.data(0), b), form_.transB);
    // dA' = dY · B'ᵀ and dB' = A'ᵀ · dY, written the way A and B lie.
    if (a.needsGradient) {
      if (form_.transA) store(form_.k, form_.m, form_.n, bMatrix, dy.transposed(), a);
      else store(form_.m, form_.k, form_.n, dy, bMatrix.transposed(), a);
    }
    if (b.needsGradient) {
      if (form_.transB) store(form_.n, form_.k, form_.m, dy.transposed(), aMatrix, b);
      else store(form_.k, form_.n, form_.m, aMatrix.transposed(), dy, b);
    }
  }

 private:
  GemmStep(StepSpec<float>&& spec, Stream& stream, const GemmForm& form, Activation activation, double alpha)
      : DeviceStep(std::move(spec), stream), form_(form), activation_{activation, static_cast<float>(alpha)} {
    prepareProduct(stream, form_.m, form_.n, form_.k);
    size_t parts = productMemory(form_.m, form_.n, form_.k);
    if (inputs[0].needsGradient) parts = std::max(parts, productMemory(form_.m, form_.k, form_.n));
    if (inputs[1].needsGradient) parts = std::max(parts, productMemory(form_.k, form_.n, form_.m));
    parts_ = DeviceMemory<float>(stream, static_cast<size_t>(lanes) * parts);
    if (inputs.size() > 2 && inputs[2].needsGradient) addend_ = SpreadGradient<1>(stream, lanes, {&inputs[2].shape}, 0, output.shape);
  }

  void store(int m, int n, int k, const Matrix& left, const Matrix& right, const Operand<float>& to) {
    Product product{};
    product.m = m;
    product.n = n;
    product.k = k;
    product.a = left;
    product.b = right;
    product.c = to.gradient(0);
    product.cRow = to.rowStride;
    product.cLane = to.storage->laneStride;
    product.alpha = static_cast<float>(form_.alpha);
    product.accumulate = to.accumulate;
    product.parts = parts_.data();
    multiply(stream_, precision_, lanes, product);
  }

  GemmForm form_;
  FusedActivation activation_;
  SpreadGradient<1> addend_;
  DeviceMemory<float> parts_;
};

}  // namespace

const StepTable& gemmSteps() {
  static const StepTable table{{"Gemm", makeStep<GemmStep>}};
  return table;
}

}  // namespace deltalab::cuda
