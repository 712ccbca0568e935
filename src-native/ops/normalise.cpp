#include "normalise_step.h"

namespace deltalab {

void checkStashType(const NodeContext& context) {
  constexpr int64_t kFloat32 = 1;
  if (context.integer("stash_type", kFloat32) != kFloat32) context.failAttribute("stash_type", "only 1 (float32) is supported");
}

void checkParameter(const NodeContext& context, size_t input, const Shape& expected) {
  if (!context.has(input) || context.shape(input) == expected) return;
  context.failShape("input " + std::to_string(input + 1) + " has the shape " + toText(context.shape(input)) + ", but " +
                    toText(expected) + " is needed");
}

}  // namespace deltalab
