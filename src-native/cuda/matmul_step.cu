#include <algorithm>

#include "device_memory.h"
#include "fused_activation.h"
#include "gemm.h"
#include "gemm_tile_mma.h"
#include "ops/matmul_step.h"
#include "steps.h"
#include "sum_pieces.h"

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

/** An operand of the tile loop. Where several matrices are summed up (`sums`), their values of k follow each other. */
template <bool sums>
struct StackSide {
  const float* data;
  const Stack& stack;
  const DeviceLoops<3>& summed;
  int k;

  __device__ bool deepFirst() const { return stack.deep == 1; }
  __device__ size_t line(int index) const { return static_cast<size_t>(index) * stack.along; }
  __device__ size_t depth(int at) const {
    if constexpr (!sums) return static_cast<size_t>(at) * stack.deep;
    const int term = at / k;
    return static_cast<size_t>(summed.at(static_cast<size_t>(term)).of[stack.role]) * stack.matrix + static_cast<size_t>(at - term * k) * stack.deep;
  }
  __device__ float at(size_t line, size_t depth) const { return data[line + depth]; }
};

/** Stacks of matrices A [m, k], B [k, n], C [m, n] of every lane: C (+)= activation(A · B). */
struct Operands {
  int m, n, k;
  Stack a, b;
  LaneValues<float> c;
  bool accumulate = false;
  FusedActivation fused{};
};

/** What C is made of: which products, and in which pieces they are summed up. */
struct Sums {
  /** Of C. */
  Role role = kY;
  /** Over the matrices of C, and over the products that one of them is the sum of. */
  DeviceLoops<3> kept, summed;
  SumPieces pieces;
  /** Where there are several. */
  float* parts = nullptr;
};

/** The products of stacks that spread over each other, as a work of the tile loop; C may be sums of them (`sums`). */
template <bool sums>
struct StackProducts {
  Operands p;
  Sums s;
  int lanes;

  __host__ __device__ int rows() const { return p.m; }
  __host__ __device__ int columns() const { return p.n; }
  __host__ __device__ int items() const { return lanes * static_cast<int>(s.kept.count) * s.pieces.count; }
  __device__ Range depths(int item) const { return s.pieces.range(item % s.pieces.count); }
  __device__ StackSide<sums> left(int item) const { return side(p.a, item); }
  __device__ StackSide<sums> right(int item) const { return side(p.b, item); }
  __device__ float* place(int item, int column) const {
    const size_t elements = static_cast<size_t>(p.m) * static_cast<size_t>(p.n);
    if (s.pieces.count == 1) return p.c.of(laneOf(item)) + matrixOf(item, s.role) * elements + column;
    return s.parts + static_cast<size_t>(item) * elements + column;
  }
  __device__ void store(int, int row, float* column, float sum) const {
    float* to = column + static_cast<size_t>(row) * static_cast<size_t>(p.n);
    if (s.pieces.count == 1) *to = activated(p.fused, (p.accumulate ? *to : 0.0F) + sum);
    else *to = sum;
  }

 private:
  __device__ int laneOf(int item) const { return item / s.pieces.count / static_cast<int>(s.kept.count); }
  __device__ size_t matrixOf(int item, Role of) const {
    if (s.kept.count == 1) return 0;
    return static_cast<size_t>(s.kept.at(static_cast<size_t>(item / s.pieces.count) % s.kept.count).of[of]);
  }
  __device__ StackSide<sums> side(const Stack& stack, int item) const {
    return {stack.data + static_cast<size_t>(laneOf(item)) * stack.lane + matrixOf(item, stack.role) * stack.matrix, stack, s.summed, p.k};
  }
};

/** C (+)= the sums of the pieces. */
struct AddedUp {
  Operands p;
  Sums s;

  __device__ void operator()(int lane, size_t matrix, size_t i, float sum) const {
    float* to = p.c.of(lane) + static_cast<size_t>(s.kept.at(matrix).of[s.role]) * static_cast<size_t>(p.m) * static_cast<size_t>(p.n) + i;
    *to = activated(p.fused, (p.accumulate ? *to : 0.0F) + sum);
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
    prepareProduct(stream, form_.m, form_.n, form_.k);
    size_t parts = 0;
    for (Role role : {kY, kA, kB}) {
      if (role != kY && !inputs[static_cast<size_t>(role - kA)].needsGradient) continue;
      const Sums sums = sumsOf(role);
      parts = std::max(parts, sums.pieces.memory(elementsOf(role) * sums.kept.count));
    }
    parts_ = DeviceMemory<float>(stream, parts * static_cast<size_t>(lanes));
  }

  void forward(Run&) override {
    const Stack a = stackOf(valuesOf(inputs[0]), kA, false), b = stackOf(valuesOf(inputs[1]), kB, true);
    multiplyInto(kY, {form_.m, form_.n, form_.k, a, b, resultOf(output), false, fused_});
  }

  /** dA = dY · Bᵀ and dB = Aᵀ · dY, summed over what A and B were spread to. */
  void backward(Run&) override {
    passBack(stream_, lanes, fused_, output);
    const Operand<float>&a = inputs[0], &b = inputs[1];
    if (a.needsGradient) {
      const Stack left = stackOf(givenTo(output), kY, false), right = stackOf(valuesOf(b), kB, false);
      multiplyInto(kA, {form_.m, form_.k, form_.n, left, right, gradientOf(a), a.accumulate});
    }
    if (b.needsGradient) {
      const Stack left = stackOf(valuesOf(a), kA, true), right = stackOf(givenTo(output), kY, true);
      multiplyInto(kB, {form_.k, form_.n, form_.m, left, right, gradientOf(b), b.accumulate});
    }
  }

 private:
  /** `alongColumns`: its lines are the columns of the matrices as they lie. */
  Stack stackOf(LaneValues<const float> values, Role role, bool alongColumns) const {
    const size_t rows = static_cast<size_t>(rowsOf(role)), columns = static_cast<size_t>(columnsOf(role));
    return {values.data, values.lane, rows * columns, alongColumns ? 1 : columns, alongColumns ? columns : 1, role};
  }

  int rowsOf(Role role) const { return role == kB ? form_.k : form_.m; }
  int columnsOf(Role role) const { return role == kA ? form_.k : form_.n; }
  size_t elementsOf(Role role) const { return static_cast<size_t>(rowsOf(role)) * static_cast<size_t>(columnsOf(role)); }

  /** What Y, or the gradient of A or B, is made of; a gradient is summed over what its input was spread to. */
  Sums sumsOf(Role role) const {
    Sums sums;
    sums.role = role;
    splitLoops<2>({&form_.batchA, &form_.batchB}, role - kA, form_.batch, sums.kept, sums.summed);
    const int depth = (role == kY ? form_.k : role == kA ? form_.n : form_.m) * static_cast<int>(sums.summed.count);
    sums.pieces = SumPieces(rowsOf(role), columnsOf(role), static_cast<int>(sums.kept.count), depth);
    return sums;
  }

  /** Of a single matrix on either side. */
  Product productOf(const Operands& p) const {
    Product product{};
    product.m = p.m;
    product.n = p.n;
    product.k = p.k;
    product.a = {p.a.data, p.a.along, p.a.deep, p.a.lane};
    product.b = {p.b.data, p.b.deep, p.b.along, p.b.lane};
    product.c = p.c.data;
    product.cRow = static_cast<size_t>(p.n);
    product.cLane = p.c.lane;
    product.accumulate = p.accumulate;
    product.activation = p.fused.activation;
    product.activationAlpha = p.fused.alpha;
    product.parts = parts_.data();
    return product;
  }

  void multiplyInto(Role role, const Operands& operands) const {
    Sums sums = sumsOf(role);
    sums.parts = parts_.data();
    if (sums.kept.count == 1 && sums.summed.count == 1) return multiply(stream_, precision_, lanes, productOf(operands));
    if (sums.summed.count == 1) multiplyInTiles(stream_, precision_, StackProducts<false>{operands, sums, lanes});
    else multiplyInTiles(stream_, precision_, StackProducts<true>{operands, sums, lanes});
    if (sums.pieces.count > 1) joinPieces(stream_, lanes, sums.pieces, sums.kept.count, elementsOf(role), sums.parts, AddedUp{operands, sums});
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
  DeviceMemory<float> parts_;
};

}  // namespace

const StepTable& matMulSteps() {
  static const StepTable table{{"MatMul", makeStep<MatMulStep>}};
  return table;
}

}  // namespace deltalab::cuda
