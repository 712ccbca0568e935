#include "broadcast.h"

#include "core/errors.h"

namespace deltalab {

namespace {

/** Elements to step for one step of every output dimension. */
std::vector<size_t> stepsOf(const Shape& shape, const Shape& output) {
  std::vector<size_t> steps(output.size(), 0);
  size_t stride = 1;
  for (size_t i = 0; i < shape.size(); ++i) {
    const size_t dimension = shape.size() - 1 - i;
    if (shape[dimension] != 1) steps[output.size() - 1 - i] = stride;
    stride *= static_cast<size_t>(shape[dimension]);
  }
  return steps;
}

}  // namespace

Broadcast::Broadcast(const Shape& a, const Shape& b, const Shape& output) {
  if (output.size() > kMaxRank) {
    throw EngineError("engine.argument", "Tensors of rank above 16 are not supported",
                      {{"argument", "rank"}, {"reason", "at most 16 dimensions"}});
  }
  const std::vector<size_t> aAll = stepsOf(a, output);
  const std::vector<size_t> bAll = stepsOf(b, output);
  for (size_t i = 0; i < output.size(); ++i) {
    const size_t size = static_cast<size_t>(output[i]);
    if (size == 1) continue;
    const bool merges = !sizes.empty() && aSteps.back() == aAll[i] * size && bSteps.back() == bAll[i] * size;
    if (merges) {
      sizes.back() *= size;
      aSteps.back() = aAll[i];
      bSteps.back() = bAll[i];
    } else {
      sizes.push_back(size);
      aSteps.push_back(aAll[i]);
      bSteps.push_back(bAll[i]);
    }
  }
  if (sizes.empty()) {
    sizes.push_back(1);
    aSteps.push_back(0);
    bSteps.push_back(0);
  }
}

}  // namespace deltalab
