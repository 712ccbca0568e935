#include "binary_functions.h"
#include "binary_step.h"
#include "table.h"

namespace deltalab {

/** y = a^b. ONNX Pow: NumPy broadcasting; the exponents may be int64. */
OperatorDefinition powOperator() {
  OperatorDefinition definition = binaryOperator<Pow>("Pow");
  definition.indices = {1};
  definition.samples = [](int64_t batch) {
    // Bases above 0, where every exponent has a value; below, whole exponents.
    std::vector<OperatorSample> samples = broadcastSamples(batch, 0.5, 2);
    samples.push_back({{input({batch, 3}), constantInput({}, {2})}});
    samples.push_back({{input({batch, 3}), constantInput({}, {-3})}});
    samples.push_back({{input({batch, 2, 3}), integerInput({3, 1, 0})}});
    return samples;
  };
  return definition;
}

}  // namespace deltalab
