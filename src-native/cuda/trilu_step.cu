#include "steps.h"

namespace deltalab::cuda {

namespace {

/** What of `from` lies on the diagonal or on the kept side of it, and 0 elsewhere. */
struct Triangle {
  /** Column - row of every element. */
  DeviceLoops<1> diagonals;
  LaneValues<const float> from;
  LaneValues<float> to;
  ptrdiff_t diagonal;
  bool upper, accumulate;

  __device__ void operator()(int lane, size_t i) const {
    const ptrdiff_t own = diagonals.at(i).of[0];
    const bool kept = upper ? own >= diagonal : own <= diagonal;
    float* into = to.of(lane) + i;
    *into = (accumulate ? *into : 0.0F) + (kept ? from.of(lane)[i] : 0.0F);
  }
};

/** The upper or lower triangle of matrices. */
class TriluStep final : public DeviceStep {
 public:
  TriluStep(StepSpec<float>&& spec, Stream& stream) : TriluStep(std::move(spec), stream, spec.context) {}

  void forward(Run&) override { forEachElement(stream_, lanes, output.count, triangle(valuesOf(inputs[0]), resultOf(output), false)); }

  void backward(Run&) override {
    const Operand<float>& target = inputs[0];
    if (target.needsGradient) forEachElement(stream_, lanes, output.count, triangle(givenTo(output), gradientOf(target), target.accumulate));
  }

 private:
  TriluStep(StepSpec<float>&& spec, Stream& stream, const NodeContext& context)
      : DeviceStep(std::move(spec), stream),
        upper_(context.integer("upper", 1) != 0),
        diagonal_(context.has(1) ? static_cast<ptrdiff_t>(context.constantIntegers(1).at(0)) : 0) {
    const size_t rows = static_cast<size_t>(output.shape[output.shape.size() - 2]), columns = static_cast<size_t>(output.shape.back());
    Loops<1> loops;
    loops.add(output.count / (rows * columns), {0});
    loops.add(rows, {-1});
    loops.add(columns, {1});
    diagonals_ = DeviceLoops<1>(loops);
  }

  Triangle triangle(LaneValues<const float> from, LaneValues<float> to, bool accumulate) const {
    return {diagonals_, from, to, diagonal_, upper_, accumulate};
  }

  bool upper_;
  ptrdiff_t diagonal_;
  DeviceLoops<1> diagonals_;
};

}  // namespace

const StepTable& triluSteps() {
  static const StepTable table{{"Trilu", makeStep<TriluStep>}};
  return table;
}

}  // namespace deltalab::cuda
