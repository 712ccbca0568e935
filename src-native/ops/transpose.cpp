#include "core/sample.h"
#include "strided_step.h"
#include "table.h"

namespace deltalab {

namespace {

/** Dimension i of the output is dimension perm[i] of the input; reversed unless given. */
std::vector<size_t> permutationOf(const NodeContext& context) {
  const size_t rank = context.shape(0).size();
  std::vector<int64_t> given = context.integers("perm");
  if (!context.hasAttribute("perm")) {
    for (size_t i = rank; i-- > 0;) given.push_back(static_cast<int64_t>(i));
  }
  std::vector<size_t> result;
  std::vector<bool> seen(rank, false);
  for (int64_t dimension : given) {
    const bool fits = dimension >= 0 && dimension < static_cast<int64_t>(rank) && !seen[static_cast<size_t>(dimension)];
    if (!fits || given.size() != rank) {
      context.failAttribute("perm", toText(given) + " does not name every dimension of an input of rank " + std::to_string(rank) + " once");
    }
    seen[static_cast<size_t>(dimension)] = true;
    result.push_back(static_cast<size_t>(dimension));
  }
  if (given.size() != rank) context.failAttribute("perm", "it is empty, but the input has rank " + std::to_string(rank));
  return result;
}

std::vector<Shape> shapes(const NodeContext& context) {
  Shape result;
  for (size_t dimension : permutationOf(context)) result.push_back(context.shape(0)[dimension]);
  return {result};
}

template <class T>
class TransposeStep : public StridedStep<T> {
 public:
  explicit TransposeStep(StepSpec<T>&& spec) : StridedStep<T>(std::move(spec), transposeForm(spec.context)) {}
};

}  // namespace

StridedForm transposeForm(const NodeContext& context) {
  const Shape& shape = context.shape(0);
  const std::vector<std::ptrdiff_t> strides = stridesOf(shape);
  StridedForm form;
  for (size_t dimension : permutationOf(context)) form.loops.add(static_cast<size_t>(shape[dimension]), {strides[dimension]});
  return form;
}

/** The dimensions in the order `perm`, reversed unless given. ONNX Transpose; a view where only dimensions of size 1 move. */
OperatorDefinition transposeOperator() {
  OperatorDefinition definition;
  definition.opType = "Transpose";
  definition.attributes = {"perm"};
  definition.shapes = shapes;
  definition.useSteps<TransposeStep>();
  definition.viewIn = [](const NodeContext& context, ProgramMode) {
    const Loops<1> loops = transposeForm(context).loops;
    return loops.rank() == 0 || (loops.rank() == 1 && loops.innerStep(0) == 1);
  };
  definition.samples = [](int64_t batch) -> std::vector<OperatorSample> {
    return {{{input({batch, 5})}},
            {{input({batch, 3, 4})}, {numbers("perm", {0, 2, 1})}},
            {{input({2, batch, 3, 2})}, {numbers("perm", {1, 3, 0, 2})}},
            {{input({batch, 3, 2, 5})}, {numbers("perm", {0, 2, 1, 3})}}};
  };
  return definition;
}

}  // namespace deltalab
