#include "table.h"
#include "unary_step.h"

namespace deltalab {

/** 1 where x is false (0), 0 where it is true. ONNX Not. */
OperatorDefinition notOperator() {
  OperatorDefinition definition = unaryOperator<Not>("Not");
  definition.differentiableOutputs = 0;
  definition.indices = {0};
  definition.samples = [](int64_t batch) -> std::vector<OperatorSample> {
    std::vector<double> values;
    for (int64_t i = 0; i < 3 * batch; ++i) values.push_back(static_cast<double>(i % 2));
    return {{{integerInput({batch, 3}, values)}}};
  };
  return definition;
}

}  // namespace deltalab
