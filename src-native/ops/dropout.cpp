#include "core/memory.h"
#include "core/sample.h"
#include "dropout_draw.h"
#include "table.h"

namespace deltalab {

namespace {

bool namesMask(const NodeContext& context) {
  return context.node->outputs.size() > 1 && !context.node->outputs[1].empty();
}

std::vector<Shape> shapes(const NodeContext& context) {
  checkDropout(context);
  return {context.shape(0), context.shape(0)};
}

/** y = x · m; see DropoutDraw. */
template <class T>
class DropoutStep : public Step<T> {
 public:
  explicit DropoutStep(StepSpec<T>&& spec) : DropoutStep(std::move(spec), spec.context, spec.mode, spec.node) {}

  void forward(Run& run) override {
    draw(run);
    forEachChunk(run, factors_.size(), [&](int lane, size_t begin, size_t count) {
      const T* factors = factors_.data() + begin;
      if (this->output) {
        const T* x = this->inputs[0].data(lane) + begin;
        T* y = this->output.mutableData(lane) + begin;
        for (size_t i = 0; i < count; ++i) y[i] = x[i] * factors[i];
      }
      if (this->outputs.size() > 1 && this->outputs[1]) {
        T* mask = this->outputs[1].mutableData(lane) + begin;
        for (size_t i = 0; i < count; ++i) mask[i] = factors[i] > 0 ? T(1) : T(0);
      }
    });
  }

  void backward(Run& run) override {
    const Operand<T>& target = this->inputs[0];
    if (!target.needsGradient) return;
    forEachChunk(run, factors_.size(), [&](int lane, size_t begin, size_t count) {
      const T* factors = factors_.data() + begin;
      T* dx = target.gradient(lane) + begin;
      if (!this->output.needsGradient) {
        for (size_t i = 0; !target.accumulate && i < count; ++i) dx[i] = 0;
        return;
      }
      const T* dy = this->output.gradient(lane) + begin;
      if (target.accumulate) {
        for (size_t i = 0; i < count; ++i) dx[i] += dy[i] * factors[i];
      } else {
        for (size_t i = 0; i < count; ++i) dx[i] = dy[i] * factors[i];
      }
    });
  }

 private:
  DropoutStep(StepSpec<T>&& spec, const NodeContext& context, ProgramMode mode, uint64_t node)
      : Step<T>(std::move(spec)), draw_(dropoutDraw(context, mode, node)), factors_(this->inputs[0].count) {}

  /** The factors m of this step, shared by all lanes. */
  void draw(Run& run) {
    const uint64_t key = draw_.keyOf(run.random.seed, run.random.step);
    const T kept = static_cast<T>(draw_.kept);
    Run once{run.pool, run.workspace, LaneSet{}, run.random};
    forEachChunk(once, factors_.size(), [&](int, size_t begin, size_t count) {
      // Chunks begin at even places.
      T* to = factors_.data() + begin;
      for (size_t i = 0; i < count; i += 2) {
        const uint64_t bits = DropoutDraw::bitsOf(key, begin + i);
        to[i] = draw_.keepsFirst(bits) ? kept : T(0);
        if (i + 1 < count) to[i + 1] = draw_.keepsSecond(bits) ? kept : T(0);
      }
    });
  }

  DropoutDraw draw_;
  AlignedBuffer<T> factors_;
};

}  // namespace

/**
 * While training, values become 0 by the chance `ratio` (input 2, 0.5 unless given) and the others are divided by 1 - ratio; otherwise
 * nothing happens, unless the graph sets training_mode (input 3). ONNX Dropout, opset 13. The optional second output is the mask: 1 where
 * a value is kept.
 */
OperatorDefinition dropoutOperator() {
  OperatorDefinition definition;
  definition.opType = "Dropout";
  definition.maxInputs = 3;
  definition.maxOutputs = 2;
  definition.attributes = {"seed"};
  definition.constants = {1, 2};
  definition.differentiableOutputs = 1;
  definition.shapes = shapes;
  definition.useSteps<DropoutStep>();
  definition.viewIn = [](const NodeContext& context, ProgramMode mode) { return !dropoutDrops(context, mode) && !namesMask(context); };
  definition.samples = [](int64_t batch) -> std::vector<OperatorSample> {
    return {{{input({batch, 7})}}, {{input({batch, 3, 5}), constantInput({}, {0.3})}}};
  };
  return definition;
}

}  // namespace deltalab
