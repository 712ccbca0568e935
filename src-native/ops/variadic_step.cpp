#include "variadic_step.h"

namespace deltalab {

std::vector<Shape> variadicShape(const NodeContext& context) {
  Shape result;
  for (size_t i = 0; i < context.inputCount(); ++i) {
    if (!context.has(i)) context.failShape("input " + std::to_string(i + 1) + " is missing");
    Shape joined;
    if (!broadcastShapes(result, context.shape(i), joined)) {
      context.failShape("the shapes " + toText(result) + " and " + toText(context.shape(i)) + " cannot be broadcast together");
    }
    result = std::move(joined);
  }
  return {result};
}

}  // namespace deltalab
