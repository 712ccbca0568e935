#include "dropout_draw.h"

namespace deltalab {

namespace {

double ratioOf(const NodeContext& context) {
  const double ratio = context.constantNumber(1, 0.5);
  if (!(ratio >= 0 && ratio < 1)) context.failShape("the ratio " + std::to_string(ratio) + " is not in 0 ... 1 (1 excluded)");
  return ratio;
}

/** Whether the graph itself asks for dropping, which Inference does then too. */
bool asksForDropping(const NodeContext& context) {
  if (!context.has(2)) return false;
  const std::vector<int64_t>& values = context.constantIntegers(2);
  if (values.size() != 1) context.failShape("training_mode (input 3) must be one value");
  return values[0] != 0;
}

}  // namespace

void checkDropout(const NodeContext& context) {
  ratioOf(context);
  asksForDropping(context);
}

bool dropoutDrops(const NodeContext& context, ProgramMode mode) {
  return ratioOf(context) > 0 && (mode == ProgramMode::Training || asksForDropping(context));
}

DropoutDraw dropoutDraw(const NodeContext& context, ProgramMode mode, uint64_t node) {
  const double ratio = dropoutDrops(context, mode) ? ratioOf(context) : 0;
  DropoutDraw draw;
  draw.node = scramble(node ^ scramble(static_cast<uint64_t>(context.integer("seed", 0))));
  draw.limit = static_cast<uint64_t>(ratio * 4294967296.0);
  draw.kept = 1 / (1 - ratio);
  return draw;
}

}  // namespace deltalab
