#include "logic_step.h"
#include "table.h"

namespace deltalab {

namespace {

struct Or {
  template <class T>
  static bool holds(T a, T b) {
    return a != 0 || b != 0;
  }
};

}  // namespace

/** Whether one of both holds. 1 where it is so, 0 elsewhere. ONNX Or: NumPy broadcasting. */
OperatorDefinition orOperator() { return logicOperator<Or>("Or"); }

}  // namespace deltalab
