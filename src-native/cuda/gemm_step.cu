#include "fused_activation.h"
#include "gemm.h"
#include "ops/gemm_step.h"
#include "steps.h"
#include "sums.h"

namespace deltalab::cuda {

namespace {

/** A matrix that lies row by row in an operand. */
Matrix matrixOf(const float* data, const Operand<float>& operand) { return {data, operand.rowStride, 1, operand.storage->laneStride}; }
Matrix turned(const Matrix& matrix, bool turn) { return turn ? matrix.transposed() : matrix; }

/** ∂E/∂bias: the sums of the columns. */
struct ColumnSums {
  LaneValues<const float> dy;
  size_t stride;
  LaneValues<float> to;
  bool accumulate;

  __device__ float term(int lane, size_t column, size_t row) const { return dy.of(lane)[row * stride + column]; }
  __device__ void store(int lane, size_t column, double sum) const {
    float* at = to.of(lane) + column;
    *at = (accumulate ? *at : 0.0F) + static_cast<float>(sum);
  }
};

/** ∂E/∂C, for a C that was spread over the product: the sum over the elements it was spread to. */
struct SpreadSums {
  DeviceLoops<2> kept, summed;
  LaneValues<const float> dy;
  LaneValues<float> to;
  double factor;
  bool accumulate;

  __device__ float term(int lane, size_t i, size_t at) const { return dy.of(lane)[kept.at(i).of[0] + summed.at(at).of[0]]; }
  __device__ void store(int lane, size_t i, double sum) const {
    float* into = to.of(lane) + kept.at(i).of[1];
    *into = (accumulate ? *into : 0.0F) + static_cast<float>(factor * sum);
  }
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
    multiply(stream_, lanes, product);
  }

  void backward(Run&) override {
    passBack(stream_, lanes, activation_, output);
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
    if (inputs.size() > 2 && inputs[2].needsGradient) gradientOfC(inputs[2]);
  }

 private:
  GemmStep(StepSpec<float>&& spec, Stream& stream, const GemmForm& form, Activation activation, double alpha)
      : DeviceStep(std::move(spec), stream), form_(form), activation_{activation, static_cast<float>(alpha)} {}

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
    multiply(stream_, lanes, product);
  }

  void gradientOfC(const Operand<float>& c) {
    const LaneValues<const float> dy = givenTo(output);
    if (form_.addend == GemmForm::Addend::Bias) {
      return sumUp(stream_, lanes, static_cast<size_t>(form_.n), static_cast<size_t>(form_.m),
                   ColumnSums{dy, output.rowStride, gradientOf(c), c.accumulate});
    }
    SpreadSums sums{{}, {}, dy, gradientOf(c), form_.beta, c.accumulate};
    splitLoops<1>({&c.shape}, 0, output.shape, sums.kept, sums.summed);
    sumUp(stream_, lanes, sums.kept.count, sums.summed.count, sums);
  }

  GemmForm form_;
  FusedActivation activation_;
};

}  // namespace

const StepTable& gemmSteps() {
  static const StepTable table{{"Gemm", makeStep<GemmStep>}};
  return table;
}

}  // namespace deltalab::cuda
