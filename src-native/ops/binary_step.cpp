#include "binary_step.h"

namespace deltalab {

Shape binaryShape(const NodeContext& context) {
  Shape result;
  if (!broadcastShapes(context.shape(0), context.shape(1), result)) {
    context.failShape("the shapes " + toText(context.shape(0)) + " and " + toText(context.shape(1)) +
                      " cannot be broadcast together");
  }
  return result;
}

}  // namespace deltalab
