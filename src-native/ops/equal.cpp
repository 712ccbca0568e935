#include "logic_step.h"
#include "table.h"

namespace deltalab {

namespace {

struct Equal {
  template <class T>
  static bool holds(T a, T b) {
    return a == b;
  }
};

}  // namespace

/** Whether a = b. 1 where it is so, 0 elsewhere. ONNX Equal: NumPy broadcasting. */
OperatorDefinition equalOperator() { return statementOperator<Equal>("Equal"); }

}  // namespace deltalab
