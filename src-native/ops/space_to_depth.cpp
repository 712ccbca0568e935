#include "core/sample.h"
#include "depth_space.h"
#include "strided_step.h"
#include "table.h"

namespace deltalab {

namespace {

std::vector<Shape> shapes(const NodeContext& context) {
  const DepthSpace s = depthSpaceOf(context);
  if (s.height % s.block != 0 || s.width % s.block != 0) {
    context.failShape("a picture of " + std::to_string(s.height) + " by " + std::to_string(s.width) + " pixels has no whole blocks of " +
                      std::to_string(s.block) + " by " + std::to_string(s.block));
  }
  return {{s.batch, s.channels * s.block * s.block, s.height / s.block, s.width / s.block}};
}

template <class T>
class SpaceToDepthStep : public StridedStep<T> {
 public:
  explicit SpaceToDepthStep(StepSpec<T>&& spec) : StridedStep<T>(std::move(spec), spaceToDepthForm(spec.context)) {}
};

}  // namespace

/** Over the output: batch, row of the block, column of the block, channel, y, x. */
StridedForm spaceToDepthForm(const NodeContext& context) {
  const DepthSpace s = depthSpaceOf(context);
  const int64_t plane = s.height * s.width;
  StridedForm form;
  for (const auto& [size, step] :
       {std::pair{s.batch, s.channels * plane}, std::pair{s.block, s.width}, std::pair{s.block, int64_t{1}}, std::pair{s.channels, plane},
        std::pair{s.height / s.block, s.block * s.width}, std::pair{s.width / s.block, s.block}}) {
    form.loops.add(static_cast<size_t>(size), {static_cast<std::ptrdiff_t>(step)});
  }
  return form;
}

/** Blocks of pixels made into channels, those of one place of the block side by side. ONNX SpaceToDepth. */
OperatorDefinition spaceToDepthOperator() {
  OperatorDefinition definition;
  definition.opType = "SpaceToDepth";
  definition.attributes = {"blocksize"};
  definition.shapes = shapes;
  definition.useSteps<SpaceToDepthStep>();
  definition.samples = [](int64_t batch) -> std::vector<OperatorSample> {
    return {{{input({batch, 2, 6, 4})}, {number("blocksize", 2)}}, {{input({batch, 3, 3, 9})}, {number("blocksize", 3)}}};
  };
  return definition;
}

}  // namespace deltalab
