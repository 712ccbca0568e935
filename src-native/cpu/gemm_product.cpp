#include "gemm_product.h"

namespace deltalab {

KernelProduct kernelProduct(const GemmArgs& args) {
  KernelProduct p;
  p.m = args.m;
  p.n = args.n;
  p.k = args.k;
  p.a = args.a;
  p.aRow = args.transA ? 1 : args.lda;
  p.aStep = args.transA ? args.lda : 1;
  p.b = args.b;
  p.bStride = args.ldb;
  p.bTransposed = args.transB;
  p.c = args.c;
  p.cRow = args.ldc;
  p.biasPerRow = false;
  if (p.n == 1 && p.m > 1 && args.ldc == 1) {
    // C^T = op(B)^T · op(A)^T.
    p.m = 1;
    p.n = args.m;
    p.a = args.b;
    p.aRow = 0;
    p.aStep = args.transB ? 1 : args.ldb;
    p.b = args.a;
    p.bStride = args.lda;
    p.bTransposed = !args.transA;
    p.cRow = args.m;
    p.biasPerRow = true;
  }
  // A transposed B whose columns are single values apart is an ordinary row.
  if (p.bTransposed && p.k == 1 && p.bStride == 1) {
    p.bTransposed = false;
    p.bStride = p.n;
  }
  return p;
}

GemmBlock wholeBlock(const GemmArgs& args, const KernelProduct& p) {
  GemmBlock block;
  block.m = p.m;
  block.n = p.n;
  block.k = p.k;
  block.a = p.a;
  block.aRow = p.aRow;
  block.aStep = p.aStep;
  block.b = p.b;
  block.bStep = p.bStride;
  block.bPacked = false;
  block.bPanel = 0;
  block.c = p.c;
  block.cRow = p.cRow;
  block.alpha = args.alpha;
  block.beta = args.beta;
  block.bias = args.bias;
  block.biasPerRow = p.biasPerRow;
  block.activation = static_cast<int>(args.activation);
  block.activationAlpha = args.activationAlpha;
  block.first = true;
  block.last = true;
  return block;
}

/**
 * Costs in cycles: a vector of multiply-adds takes one, turning a value round about half a one. A straight product with B transposed
 * turns B round; a turned one turns C round, and A where it does not lie transposed already. Vectors across few columns (straight) or
 * few rows (turned) are filled in part only.
 */
const GemmWay& wayOf(const GemmArgs& args, const KernelTable& kernels) {
  const double m = args.m, n = args.n, k = args.k;
  const auto vectors = [&](Index count) { return static_cast<double>(pieces(count, kernels.width)); };
  const bool oneColumn = args.n == 1 && args.ldc == 1;
  const double straight = m * k * vectors(args.n) + (args.transB ? 0.5 * n * k : 0);
  const double turned = vectors(args.m) * n * k + 0.5 * m * n + (args.transA ? 0 : 0.5 * m * k);
  return args.beta == 0 && !oneColumn && turned < straight ? turnedWay : straightWay;
}

}  // namespace deltalab
