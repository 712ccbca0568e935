#include "normalise_form.h"

namespace deltalab {

size_t layerNormalizationAxis(const NodeContext& context) {
  const int64_t rank = static_cast<int64_t>(context.shape(0).size());
  return static_cast<size_t>(context.axis(-1, rank, rank - 1));
}

NormaliseForm layerNormalizationForm(const NodeContext& context) {
  const Shape& x = context.shape(0);
  NormaliseForm form;
  form.entries = elementCount(x, layerNormalizationAxis(context));
  form.rows = elementCount(x) / form.entries;
  form.epsilon = context.number("epsilon", 1e-5);
  return form;
}

NormaliseForm groupNormalizationForm(const NodeContext& context) {
  const Shape& x = context.shape(0);
  NormaliseForm form;
  form.groups = static_cast<size_t>(context.integer("num_groups", 1));
  form.rows = static_cast<size_t>(x[0]) * form.groups;
  form.entries = static_cast<size_t>(x[1]) / form.groups;
  form.run = elementCount(x, 2);
  form.epsilon = context.number("epsilon", 1e-5);
  return form;
}

NormaliseForm instanceNormalizationForm(const NodeContext& context) {
  const Shape& x = context.shape(0);
  NormaliseForm form;
  form.groups = static_cast<size_t>(x[1]);
  form.rows = static_cast<size_t>(x[0]) * form.groups;
  form.run = elementCount(x, 2);
  form.epsilon = context.number("epsilon", 1e-5);
  return form;
}

BatchNormalizationForm batchNormalizationForm(const NodeContext& context, ProgramMode mode) {
  const Shape& x = context.shape(0);
  BatchNormalizationForm form;
  form.samples = static_cast<size_t>(x[0]);
  form.channels = static_cast<size_t>(x[1]);
  form.pixels = elementCount(x, 2);
  form.epsilon = context.number("epsilon", 1e-5);
  form.momentum = context.number("momentum", 0.9);
  form.byBatch = mode == ProgramMode::Training || context.integer("training_mode", 0) != 0;
  form.movesInputs = mode == ProgramMode::Training && context.initializers[3] && context.initializers[4];
  if (mode == ProgramMode::Training && form.count() == 1) {
    context.failShape("a batch of one sample without pixels has no variance to normalise by; choose a batch size that leaves no rest of one");
  }
  return form;
}

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
