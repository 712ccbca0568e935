#include "logic_step.h"
#include "table.h"

namespace deltalab {

namespace {

struct And {
  template <class T>
  static bool holds(T a, T b) {
    return a != 0 && b != 0;
  }
};

}  // namespace

/** Whether both hold. 1 where it is so, 0 elsewhere. ONNX And: NumPy broadcasting. */
OperatorDefinition andOperator() { return logicOperator<And>("And"); }

}  // namespace deltalab
