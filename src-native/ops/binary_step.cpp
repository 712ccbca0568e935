#include "binary_step.h"

namespace deltalab {

std::vector<Shape> binaryShape(const NodeContext& context) {
  Shape result;
  if (!broadcastShapes(context.shape(0), context.shape(1), result)) {
    context.failShape("the shapes " + toText(context.shape(0)) + " and " + toText(context.shape(1)) +
                      " cannot be broadcast together");
  }
  return {result};
}

std::vector<OperatorSample> broadcastSamples(int64_t batch, double low, double high) {
  const auto pair = [&](Shape a, Shape b) {
    return OperatorSample{{input(std::move(a), low, high), input(std::move(b), low, high)}, {}, 1};
  };
  return {pair({batch, 3}, {batch, 3}), pair({batch, 3}, {3}), pair({3}, {batch, 3}), pair({batch, 1, 3}, {2, 1}),
          pair({batch, 4}, {}), pair({batch, 1}, {1, 5})};
}

}  // namespace deltalab
