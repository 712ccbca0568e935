#include "logic_step.h"
#include "table.h"

namespace deltalab {

namespace {

struct Xor {
  template <class T>
  static bool holds(T a, T b) {
    return (a != 0) != (b != 0);
  }
};

}  // namespace

/** Whether exactly one of both holds. 1 where it is so, 0 elsewhere. ONNX Xor: NumPy broadcasting. */
OperatorDefinition xorOperator() { return logicOperator<Xor>("Xor"); }

}  // namespace deltalab
