#include "gemm_step.h"
#include "table.h"

namespace deltalab {

namespace {

struct Sizes {
  int64_t m, k, n;
};

Sizes sizesOf(const NodeContext& context) {
  const Shape& a = context.shape(0);
  const Shape& b = context.shape(1);
  if (a.size() != 2 || b.size() != 2) {
    context.failShape("two matrices are needed, but the shapes are " + toText(a) + " and " + toText(b));
  }
  const bool transA = context.integer("transA", 0) != 0;
  const bool transB = context.integer("transB", 0) != 0;
  const int64_t inner = transB ? b[1] : b[0];
  const Sizes sizes{transA ? a[1] : a[0], transA ? a[0] : a[1], transB ? b[0] : b[1]};
  if (sizes.k != inner) {
    context.failShape("the input has " + std::to_string(sizes.k) + " features, the weights expect " +
                      std::to_string(inner) + " (shapes " + toText(a) + " and " + toText(b) + ")");
  }
  if (sizes.m > INT32_MAX || sizes.k > INT32_MAX || sizes.n > INT32_MAX) context.failShape("a dimension is too large");
  return sizes;
}

Shape shapeOf(const NodeContext& context) {
  const Sizes sizes = sizesOf(context);
  const Shape result{sizes.m, sizes.n};
  if (context.has(2) && !broadcastsTo(context.shape(2), result)) {
    context.failShape("the bias of shape " + toText(context.shape(2)) + " does not spread to " + toText(result));
  }
  return result;
}

}  // namespace

GemmForm gemmForm(const NodeContext& context) {
  const Sizes sizes = sizesOf(context);
  GemmForm form;
  form.m = static_cast<int>(sizes.m);
  form.n = static_cast<int>(sizes.n);
  form.k = static_cast<int>(sizes.k);
  form.transA = context.integer("transA", 0) != 0;
  form.transB = context.integer("transB", 0) != 0;
  form.alpha = context.number("alpha", 1);
  form.beta = context.number("beta", 1);
  if (context.has(2) && form.beta != 0) {
    const Shape& c = context.shape(2);
    const bool row = elementCount(c) == static_cast<size_t>(sizes.n) && !c.empty() && c.back() == sizes.n;
    form.addend = row && form.beta == 1 ? GemmForm::Addend::Bias : GemmForm::Addend::Matrix;
  }
  return form;
}

/** Y = alpha · A' · B' + beta · C, A' and B' transposed on request, C spread to the shape of Y. ONNX Gemm. */
const OperatorDefinition& gemmOperator() {
  static const OperatorDefinition definition{
      "Gemm",
      Device::Cpu,
      2,
      3,
      {"alpha", "beta", "transA", "transB"},
      shapeOf,
      [](const NodeContext&) { return BackwardReads{true, false}; },
      [](StepSpec<float>&& spec) -> std::unique_ptr<Step<float>> {
        return std::make_unique<GemmStep<float>>(std::move(spec));
      },
      [](StepSpec<double>&& spec) -> std::unique_ptr<Step<double>> {
        return std::make_unique<GemmStep<double>>(std::move(spec));
      }};
  return definition;
}

}  // namespace deltalab
