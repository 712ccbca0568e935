#include "core/sample.h"
#include "softmax_step.h"
#include "table.h"

namespace deltalab {

std::vector<Shape> softmaxShapes(const NodeContext& context) {
  const int64_t rank = static_cast<int64_t>(context.shape(0).size());
  if (rank == 0) context.failShape("a scalar has no axis");
  context.axis(-1, rank, rank - 1);
  return {context.shape(0)};
}

/** e^x / Σ e^x along `axis` (the last unless given). ONNX Softmax, opset 13. */
OperatorDefinition softmaxOperator() {
  OperatorDefinition definition;
  definition.opType = "Softmax";
  definition.attributes = {"axis"};
  definition.shapes = softmaxShapes;
  definition.reads = [](const NodeContext&) { return BackwardReads{false, true}; };
  definition.useSteps<PlainSoftmaxStep>();
  definition.fusesScale = true;
  definition.samples = [](int64_t batch) -> std::vector<OperatorSample> {
    return {{{input({batch, 5})}},
            {{input({batch, 19})}},
            {{input({batch, 3, 2})}, {number("axis", 1)}},
            {{input({batch, 3, 2})}, {number("axis", 0)}}};
  };
  return definition;
}

}  // namespace deltalab
