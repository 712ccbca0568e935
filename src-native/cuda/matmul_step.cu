#include <algorithm>

#include "fused_activation.h"
#include "gemm_tile.h"
#include "ops/matmul_step.h"
#include "steps.h"

namespace deltalab::cuda {

namespace {

/** The offsets that loops over a stack know, counted in matrices. */
enum Role { kY = 0, kA = 1, kB = 2 };

/** The matrices of a stack on one side of a product: elements between lanes, matrices, lines (rows on the left, columns on the right) and values of k. */
struct Stack {
  const float* data;
  size_t lane, matrix, along, deep;
  Role role;
};

/** An operand of the tile loop. Where several matrices are summed up, their values of k follow each other. */
struct StackSide {
  const float* data;
  const Stack& stack;
  const DeviceLoops<3>& summed;
  int k;

  __device__ bool deepFirst() const { return stack.deep == 1; }
  __device__ size_t line(int index) const { return static_cast<size_t>(index) * stack.along; }
  __device__ size_t depth(int at) const {
    if (summed.count == 1) return static_cast<size_t>(at) * stack.deep;
    const int term = at / k;
    return static_cast<size_t>(summed.at(static_cast<size_t>(term)).of[stack.role]) * stack.matrix + static_cast<size_t>(at - term * k) * stack.deep;
  }
  __device__ float at(size_t line, size_t depth) const { return data[line + depth]; }
};

/** C (+)= activation(Σ A · B) for stacks of matrices A [m, k], B [k, n] that spread over each other, and every lane. */
struct StackProducts {
  int m, n, k, lanes;
  /** Over the matrices of C, and over those that one of them is the sum of. */
  DeviceLoops<3> kept, summed;
  Stack a, b;
  LaneValues<float> c;
  Role role;
  bool accumulate;
  FusedActivation fused;

  __host__ __device__ int rows() const { return m; }
  __host__ __device__ int columns() const { return n; }
  __host__ __device__ int items() const { return lanes * static_cast<int>(kept.count); }
  __device__ Range depths(int) const { return {0, k * static_cast<int>(summed.count)}; }
  __device__ StackSide left(int item) const { return side(a, item); }
  __device__ StackSide right(int item) const { return side(b, item); }
  __device__ float* place(int item, int column) const {
    return c.of(laneOf(item)) + matrixOf(item, role) * static_cast<size_t>(m) * static_cast<size_t>(n) + column;
  }
  __device__ void store(int, int row, float* column, float sum) const {
    float* to = column + static_cast<size_t>(row) * static_cast<size_t>(n);
    *to = activationValue(fused.activation, (accumulate ? *to : 0.0F) + sum, fused.alpha);
  }

 private:
  __device__ int laneOf(int item) const { return item / static_cast<int>(kept.count); }
  __device__ size_t matrixOf(int item, Role of) const {
    return kept.count == 1 ? 0 : static_cast<size_t>(kept.at(static_cast<size_t>(item) % kept.count).of[of]);
  }
  __device__ StackSide side(const Stack& stack, int item) const {
    return {stack.data + static_cast<size_t>(laneOf(item)) * stack.lane + matrixOf(item, stack.role) * stack.matrix, stack, summed, k};
  }
};

/** Products of stacks of matrices, which spread over each other by NumPy's rule. */
class MatMulStep final : public DeviceStep {
 public:
  MatMulStep(StepSpec<float>&& spec, Stream& stream)
      : DeviceStep(std::move(spec), stream),
        form_(withRowsTogether(matMulForm(spec.context))),
        fused_{spec.activation, static_cast<float>(spec.activationAlpha)} {
    refuseLongSums();
  }

  void forward(Run&) override {
    StackProducts work = products(-1, kY, form_.m, form_.n, form_.k);
    work.a = stackOf(valuesOf(inputs[0]), kA, false);
    work.b = stackOf(valuesOf(inputs[1]), kB, true);
    work.c = resultOf(output);
    work.fused = fused_;
    multiplyInTiles(stream_, work);
  }

  /** dA = dY · Bᵀ and dB = Aᵀ · dY, summed over what A and B were spread to. */
  void backward(Run&) override {
    passBack(stream_, lanes, fused_, output);
    if (inputs[0].needsGradient) {
      StackProducts work = products(0, kA, form_.m, form_.k, form_.n);
      work.a = stackOf(givenTo(output), kY, false);
      work.b = stackOf(valuesOf(inputs[1]), kB, false);
      store(work, inputs[0]);
    }
    if (inputs[1].needsGradient) {
      StackProducts work = products(1, kB, form_.k, form_.n, form_.m);
      work.a = stackOf(valuesOf(inputs[0]), kA, true);
      work.b = stackOf(givenTo(output), kY, true);
      store(work, inputs[1]);
    }
  }

 private:
  /** Without operands. `input`: of which C is the gradient, which is summed over what it was spread to; -1: the product itself. */
  StackProducts products(int input, Role role, int m, int n, int k) const {
    StackProducts work{};
    work.m = m;
    work.n = n;
    work.k = k;
    work.lanes = lanes;
    work.role = role;
    splitLoops<2>({&form_.batchA, &form_.batchB}, input, form_.batch, work.kept, work.summed);
    return work;
  }

  /** `alongColumns`: its lines are the columns of the matrices as they lie. */
  Stack stackOf(LaneValues<const float> values, Role role, bool alongColumns) const {
    const size_t rows = static_cast<size_t>(role == kB ? form_.k : form_.m), columns = static_cast<size_t>(role == kA ? form_.k : form_.n);
    return {values.data, values.lane, rows * columns, alongColumns ? 1 : columns, alongColumns ? columns : 1, role};
  }

  void store(StackProducts& work, const Operand<float>& to) const {
    work.c = gradientOf(to);
    work.accumulate = to.accumulate;
    multiplyInTiles(stream_, work);
  }

  /** Kernels count what is summed up as int. */
  void refuseLongSums() const {
    const size_t matrices = elementCount(form_.batch);
    const size_t longest = matrices * static_cast<size_t>(std::max(form_.m, form_.n));
    if (longest <= INT32_MAX && matrices * static_cast<size_t>(lanes) <= INT32_MAX) return;
    throw EngineError("engine.argument", "A stack of so many matrices is not multiplied on a graphics card",
                      {{"argument", std::string("shape")}, {"reason", std::string("too many matrices for a graphics card")}});
  }

  MatMulForm form_;
  FusedActivation fused_;
};

}  // namespace

const StepTable& matMulSteps() {
  static const StepTable table{{"MatMul", makeStep<MatMulStep>}};
  return table;
}

}  // namespace deltalab::cuda
