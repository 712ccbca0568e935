#include "table.h"
#include "unary_step.h"

namespace deltalab {

namespace {

struct Not : PlainFunction {
  using PlainFunction::PlainFunction;
  static constexpr BackwardReads kReads{false, false};
  template <class T>
  T value(T x) const {
    return x == 0 ? T(1) : T(0);
  }
  template <class T>
  T slope(T, T) const {
    return 0;
  }
};

}  // namespace

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
