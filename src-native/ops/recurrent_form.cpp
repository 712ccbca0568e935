#include "recurrent_form.h"

namespace deltalab {

namespace {

void checkShape(const NodeContext& context, size_t input, const char* name, const Shape& expected) {
  if (!context.has(input) || context.shape(input) == expected) return;
  context.failShape(std::string(name) + " has the shape " + toText(context.shape(input)) + ", but " + toText(expected) + " is needed");
}

int sizeOf(const NodeContext& context, int64_t size) {
  if (size > INT32_MAX) context.failShape("a dimension is too large");
  return static_cast<int>(size);
}

}  // namespace

RecurrentForm recurrentForm(const NodeContext& context, const RecurrentKind& kind) {
  const Shape& x = context.shape(0);
  const Shape& w = context.shape(1);
  const Shape& r = context.shape(2);
  if (x.size() != 3 || w.size() != 3 || r.size() != 3) {
    context.failShape("X, W and R need three dimensions, but their shapes are " + toText(x) + ", " + toText(w) + " and " + toText(r));
  }
  RecurrentForm form;
  form.gates = kind.gates;
  const std::string direction = context.text("direction", "forward");
  form.reverse = direction == "reverse";
  form.directions = direction == "bidirectional" ? 2 : 1;
  if (!form.reverse && form.directions == 1 && direction != "forward") {
    context.failAttribute("direction", direction + " is none of forward, reverse and bidirectional");
  }
  const int64_t layout = context.integer("layout", 0);
  if (layout != 0 && layout != 1) context.failAttribute("layout", "0 or 1 is needed");
  form.batchFirst = layout == 1;
  form.steps = sizeOf(context, x[form.batchFirst ? 1 : 0]);
  form.batch = sizeOf(context, x[form.batchFirst ? 0 : 1]);
  form.features = sizeOf(context, x[2]);
  form.hidden = sizeOf(context, context.integer("hidden_size", r[2]));

  const int64_t directions = form.directions, hidden = form.hidden, width = int64_t{form.gates} * hidden;
  if (width > INT32_MAX || int64_t{form.steps} * form.batch > INT32_MAX) context.failShape("a dimension is too large");
  checkShape(context, 1, "W", {directions, width, form.features});
  checkShape(context, 2, "R", {directions, width, hidden});
  checkShape(context, 3, "B", {directions, 2 * width});
  checkShape(context, 4, "sequence_lens", {form.batch});
  const Shape state = form.batchFirst ? Shape{form.batch, directions, hidden} : Shape{directions, form.batch, hidden};
  checkShape(context, 5, "initial_h", state);
  if (kind.hasCell) {
    checkShape(context, 6, "initial_c", state);
    checkShape(context, 7, "P", {directions, 3 * hidden});
  }

  form.functions = cellFunctions(context, kind.functions, form.directions);
  return form;
}

std::vector<Shape> recurrentShapes(const RecurrentForm& form) {
  const int64_t steps = form.steps, batch = form.batch, directions = form.directions, hidden = form.hidden;
  if (form.batchFirst) {
    const Shape state{batch, directions, hidden};
    return {{batch, steps, directions, hidden}, state, state};
  }
  const Shape state{directions, batch, hidden};
  return {{steps, directions, batch, hidden}, state, state};
}

}  // namespace deltalab
