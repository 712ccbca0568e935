#include "core/sample.h"
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

std::vector<Shape> shapes(const NodeContext& context) {
  const Sizes sizes = sizesOf(context);
  const Shape result{sizes.m, sizes.n};
  if (context.has(2) && !broadcastsTo(context.shape(2), result)) {
    context.failShape("the bias of shape " + toText(context.shape(2)) + " does not spread to " + toText(result));
  }
  return {result};
}

std::vector<OperatorSample> samples(int64_t batch) {
  std::vector<OperatorSample> result;
  for (int transA : {0, 1}) {
    for (int transB : {0, 1}) {
      const Shape a = transA ? Shape{5, batch} : Shape{batch, 5};
      const Shape b = transB ? Shape{3, 5} : Shape{5, 3};
      const std::vector<Attribute> transposed{number("transA", transA), number("transB", transB)};
      for (const Shape& c : {Shape{3}, Shape{1, 3}, Shape{}, Shape{1}, Shape{batch, 1}, Shape{batch, 3}}) {
        OperatorSample sample{{input(a), input(b), input(c)}, transposed, 1};
        sample.attributes.push_back(number("alpha", 0.7));
        sample.attributes.push_back(number("beta", c.size() == 1 ? 1 : 1.3));
        result.push_back(std::move(sample));
      }
      result.push_back({{input(a), input(b)}, transposed, 1});
    }
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
OperatorDefinition gemmOperator() {
  OperatorDefinition definition;
  definition.opType = "Gemm";
  definition.minInputs = 2;
  definition.maxInputs = 3;
  definition.attributes = {"alpha", "beta", "transA", "transB"};
  definition.shapes = shapes;
  definition.reads = [](const NodeContext&) { return BackwardReads{true, false}; };
  definition.useSteps<GemmStep>();
  definition.fusesActivation = true;
  definition.sinks = {1, 2};
  definition.samples = samples;
  return definition;
}

}  // namespace deltalab
