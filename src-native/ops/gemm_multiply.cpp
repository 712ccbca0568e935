#include "gemm_step.h"

namespace deltalab {

void multiply(const Product<float>& product, Run& run) {
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
  if (run.lanes.count == 1) return gemm(args, run.pool, run.workspace);
  gemmBatched(args, run.lanes.count, {product.aLane, product.bLane, product.cLane, product.biasLane}, run.lanes.active,
              run.pool, run.workspace);
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
