#include "gemm_step.h"

namespace deltalab {

namespace {

GemmArgs argsOf(const Product<float>& product) {
  GemmArgs args{};
  args.m = product.m;
  args.n = product.n;
  args.k = product.k;
  args.a = product.a;
  args.lda = static_cast<int>(product.lda);
  args.transA = product.transA;
  args.b = product.b;
  args.ldb = static_cast<int>(product.ldb);
  args.transB = product.transB;
  args.c = product.c;
  args.ldc = static_cast<int>(product.ldc);
  args.alpha = static_cast<float>(product.alpha);
  args.beta = product.accumulate ? 1.0F : 0.0F;
  args.bias = product.bias;
  args.activation = product.activation;
  args.activationAlpha = static_cast<float>(product.activationAlpha);
  return args;
}

/** Sums of more products than this take so long that the way of the result through memory is not felt. */
constexpr int kLongSum = 512;

}  // namespace

void multiply(const Product<float>& product, Run& run) {
  const GemmArgs args = argsOf(product);
  if (run.lanes.count == 1) return gemm(args, run.pool, run.workspace);
  gemmBatched(args, run.lanes.count, {product.aLane, product.bLane, product.cLane, product.biasLane}, run.lanes.active,
              run.pool, run.workspace);
}

void multiplyIntoSink(const Product<float>& product, int parameter, Run& run) {
  if (product.k > kLongSum || product.transB || !product.transA) {
    multiply(product, run);
    giveToSink(parameter, product.c, static_cast<size_t>(product.m) * static_cast<size_t>(product.n), run);
    return;
  }
  struct Target {
    GradientSink& sink;
    int parameter;
    size_t width;
  } target{*run.sink, parameter, static_cast<size_t>(product.n)};
  const auto done = [](void* context, int row, int rows, float* c) {
    const Target& to = *static_cast<Target*>(context);
    const size_t begin = static_cast<size_t>(row) * to.width, count = static_cast<size_t>(rows) * to.width;
    if (c) to.sink.take(to.parameter, begin, count, c);
    else to.sink.expect(to.parameter, begin, count);
  };
  gemmByRows(argsOf(product), run.pool, run.workspace, done, &target);
}

void multiplyIntoSink(const Product<double>& product, int, Run& run) { multiply(product, run); }

void giveToSink(int parameter, float* gradient, size_t count, Run& run) {
  const size_t pieces = count / kChunkElements + 1;
  const auto give = [&](int piece) {
    const size_t begin = count * static_cast<size_t>(piece) / pieces, end = count * static_cast<size_t>(piece + 1) / pieces;
    run.sink->take(parameter, begin, end - begin, gradient + begin);
  };
  if (pieces == 1) give(0);
  else run.pool.forEach(static_cast<int>(pieces), give);
}

/** Double precision is for checking gradients: nothing is trained in it. */
void giveToSink(int, double*, size_t, Run&) {}

void multiplyStack(const Product<float>& product, int lane, int count, GemmStrides strides, Run& run) {
  const size_t index = static_cast<size_t>(lane);
  GemmArgs args = argsOf(product);
  args.a += index * product.aLane;
  args.b += index * product.bLane;
  args.c += index * product.cLane;
  gemmBatched(args, count, strides, nullptr, run.pool, run.workspace);
}

void multiply(const Product<double>& product, Run& run) {
  forEachLane(run, static_cast<size_t>(product.m) * product.n * product.k, [&](int index) {
    const size_t lane = static_cast<size_t>(index);
    const double* a = product.a + lane * product.aLane;
    const double* b = product.b + lane * product.bLane;
    double* c = product.c + lane * product.cLane;
    const double* bias = product.bias ? product.bias + lane * product.biasLane : nullptr;
    for (int i = 0; i < product.m; ++i) {
      for (int j = 0; j < product.n; ++j) {
        double sum = 0;
        for (int p = 0; p < product.k; ++p) {
          sum += a[product.transA ? p * product.lda + i : i * product.lda + p] *
                 b[product.transB ? j * product.ldb + p : p * product.ldb + j];
        }
        double& out = c[i * product.ldc + j];
        const double value = product.alpha * sum + (product.accumulate ? out : 0) + (bias ? bias[j] : 0);
        out = activationValue(product.activation, value, product.activationAlpha);
      }
    }
  });
}

}  // namespace deltalab
