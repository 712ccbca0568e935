#include "core/sample.h"
#include "softmax_step.h"
#include "table.h"

namespace deltalab {

/** log(e^x / Σ e^x) = x - max - log Σ e^(x - max) along `axis` (the last unless given). ONNX LogSoftmax, opset 13. */
OperatorDefinition logSoftmaxOperator() {
  OperatorDefinition definition;
  definition.opType = "LogSoftmax";
  definition.attributes = {"axis"};
  definition.shapes = softmaxShapes;
  definition.reads = [](const NodeContext&) { return BackwardReads{false, true}; };
  definition.useSteps<LogSoftmaxStep>();
  definition.samples = [](int64_t batch) -> std::vector<OperatorSample> {
    return {{{input({batch, 5})}},
            {{input({batch, 19})}},
            {{input({batch, 3, 2})}, {number("axis", 1)}},
            {{input({batch, 3, 2})}, {number("axis", 0)}}};
  };
  return definition;
}

}  // namespace deltalab
