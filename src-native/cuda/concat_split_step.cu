#include "ops/concat_split.h"

#include "copy.h"
#include "steps.h"

namespace deltalab::cuda {

namespace {

/** The whole from one of its parts on. */
template <class T>
LaneValues<T> offsetBy(LaneValues<T> whole, size_t offset) {
  return {whole.data + offset, whole.lane};
}

class ConcatStep final : public DeviceStep {
 public:
  ConcatStep(StepSpec<float>&& spec, Stream& stream) : DeviceStep(std::move(spec), stream), parts_(concatParts(spec.context)) {}

  void forward(Run&) override {
    for (size_t i = 0; i < inputs.size(); ++i) {
      forEachElement(stream_, lanes, inputs[i].count,
                     RowsCopied{valuesOf(inputs[i]), offsetBy(resultOf(output), parts_.offsets[i]), parts_.sizes[i], parts_.sizes[i], parts_.rowSize, false});
    }
  }

  void backward(Run&) override {
    for (size_t i = 0; i < inputs.size(); ++i) {
      const Operand<float>& target = inputs[i];
      if (!target.needsGradient) continue;
      forEachElement(stream_, lanes, target.count,
                     RowsCopied{offsetBy(givenTo(output), parts_.offsets[i]), gradientOf(target), parts_.sizes[i], parts_.rowSize, parts_.sizes[i],
                                target.accumulate});
    }
  }

 private:
  Parts parts_;
};

/** The gradient of a part nobody asks about: a part of every row. */
struct RowsCleared {
  LaneValues<float> to;
  size_t size, row;

  __device__ void operator()(int lane, size_t i) const { to.of(lane)[i / size * row + i % size] = 0; }
};

class SplitStep final : public DeviceStep {
 public:
  SplitStep(StepSpec<float>&& spec, Stream& stream) : DeviceStep(std::move(spec), stream), parts_(splitParts(spec.context)) {}

  void forward(Run&) override {
    for (size_t i = 0; i < outputs.size(); ++i) {
      if (!outputs[i]) continue;
      forEachElement(stream_, lanes, outputs[i].count,
                     RowsCopied{offsetBy(valuesOf(inputs[0]), parts_.offsets[i]), resultOf(outputs[i]), parts_.sizes[i], parts_.rowSize, parts_.sizes[i], false});
    }
  }

  void backward(Run&) override {
    const Operand<float>& target = inputs[0];
    if (!target.needsGradient) return;
    for (size_t i = 0; i < outputs.size(); ++i) {
      const LaneValues<float> to = offsetBy(gradientOf(target), parts_.offsets[i]);
      const size_t size = parts_.sizes[i], count = size * parts_.rows;
      if (outputs[i] && outputs[i].needsGradient) {
        forEachElement(stream_, lanes, count, RowsCopied{givenTo(outputs[i]), to, size, size, parts_.rowSize, target.accumulate});
      } else if (!target.accumulate) {
        forEachElement(stream_, lanes, count, RowsCleared{to, size, parts_.rowSize});
      }
    }
  }

 private:
  Parts parts_;
};

}  // namespace

const StepTable& concatSplitSteps() {
  static const StepTable table{{"Concat", makeStep<ConcatStep>}, {"Split", makeStep<SplitStep>}};
  return table;
}

}  // namespace deltalab::cuda
