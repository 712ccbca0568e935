#include "core/memory.h"
#include "core/sample.h"
#include "core/scramble.h"
#include "table.h"

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

bool drops(const NodeContext& context, ProgramMode mode) {
  return ratioOf(context) > 0 && (mode == ProgramMode::Training || asksForDropping(context));
}

bool namesMask(const NodeContext& context) {
  return context.node->outputs.size() > 1 && !context.node->outputs[1].empty();
}

std::vector<Shape> shapes(const NodeContext& context) {
  ratioOf(context);
  asksForDropping(context);
  return {context.shape(0), context.shape(0)};
}

/**
 * y = x · m with m = 0, by the chance `ratio`, or 1 / (1 - ratio). Value i of a step is dropped when 32 bits that follow from seed, step,
 * node and i alone are below ratio · 2^32: equal for all lanes and any number of threads, and the same again after a restart.
 */
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
      : Step<T>(std::move(spec)), factors_(this->inputs[0].count) {
    const double ratio = drops(context, mode) ? ratioOf(context) : 0;
    limit_ = static_cast<uint64_t>(ratio * 4294967296.0);
    kept_ = static_cast<T>(1 / (1 - ratio));
    key_ = scramble(node ^ scramble(static_cast<uint64_t>(context.integer("seed", 0))));
  }

  /** The factors m of this step, shared by all lanes. */
  void draw(Run& run) {
    const uint64_t key = scramble(scramble(run.random.seed ^ key_) ^ run.random.step);
    Run once{run.pool, run.workspace, LaneSet{}, run.random};
    forEachChunk(once, factors_.size(), [&](int, size_t begin, size_t count) {
      // Two values share 64 bits; chunks begin at even places.
      T* to = factors_.data() + begin;
      const auto factor = [&](uint64_t bits) { return (bits & 0xffffffffU) < limit_ ? T(0) : kept_; };
      for (size_t i = 0; i < count; i += 2) {
        const uint64_t bits = scramble(key + begin + i);
        to[i] = factor(bits);
        if (i + 1 < count) to[i + 1] = factor(bits >> 32);
      }
    });
  }

  AlignedBuffer<T> factors_;
  uint64_t key_ = 0;
  uint64_t limit_ = 0;
  T kept_ = 1;
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
  definition.viewIn = [](const NodeContext& context, ProgramMode mode) { return !drops(context, mode) && !namesMask(context); };
  definition.samples = [](int64_t batch) -> std::vector<OperatorSample> {
    return {{{input({batch, 7})}}, {{input({batch, 3, 5}), constantInput({}, {0.3})}}};
  };
  return definition;
}

}  // namespace deltalab
