#include "core/sample.h"
#include "depth_space.h"
#include "strided_step.h"
#include "table.h"

namespace deltalab {

namespace {

bool columnsFirst(const NodeContext& context) {
  const std::string mode = context.text("mode", "DCR");
  if (mode != "DCR" && mode != "CRD") context.failAttribute("mode", mode + " is neither DCR nor CRD");
  return mode == "CRD";
}

std::vector<Shape> shapes(const NodeContext& context) {
  columnsFirst(context);
  const DepthSpace s = depthSpaceOf(context);
  if (s.channels % (s.block * s.block) != 0) {
    context.failShape(std::to_string(s.channels) + " channels cannot be dealt out to blocks of " + std::to_string(s.block) + " by " +
                      std::to_string(s.block) + " pixels");
  }
  return {{s.batch, s.channels / (s.block * s.block), s.height * s.block, s.width * s.block}};
}

template <class T>
class DepthToSpaceStep : public StridedStep<T> {
 public:
  explicit DepthToSpaceStep(StepSpec<T>&& spec) : StridedStep<T>(std::move(spec), depthToSpaceForm(spec.context)) {}
};

}  // namespace

/** Over the output: batch, channel, y, row of the block, x, column of the block. */
StridedForm depthToSpaceForm(const NodeContext& context) {
  const DepthSpace s = depthSpaceOf(context);
  const int64_t plane = s.height * s.width, channels = s.channels / (s.block * s.block);
  const bool crd = columnsFirst(context);
  const int64_t channel = crd ? s.block * s.block * plane : plane, column = crd ? plane : channels * plane;
  StridedForm form;
  for (const auto& [size, step] : {std::pair{s.batch, s.channels * plane}, std::pair{channels, channel}, std::pair{s.height, s.width},
                                   std::pair{s.block, s.block * column}, std::pair{s.width, int64_t{1}}, std::pair{s.block, column}}) {
    form.loops.add(static_cast<size_t>(size), {static_cast<std::ptrdiff_t>(step)});
  }
  return form;
}

/** Channels dealt out to blocks of pixels, the channel counting slowest (DCR) or fastest (CRD, PyTorch's pixel shuffle). ONNX DepthToSpace. */
OperatorDefinition depthToSpaceOperator() {
  OperatorDefinition definition;
  definition.opType = "DepthToSpace";
  definition.attributes = {"blocksize", "mode"};
  definition.shapes = shapes;
  definition.useSteps<DepthToSpaceStep>();
  definition.samples = [](int64_t batch) -> std::vector<OperatorSample> {
    return {{{input({batch, 8, 3, 2})}, {number("blocksize", 2)}},
            {{input({batch, 18, 2, 1})}, {number("blocksize", 3), text("mode", "CRD")}},
            {{input({batch, 4, 3, 5})}, {number("blocksize", 2), text("mode", "DCR")}}};
  };
  return definition;
}

}  // namespace deltalab
