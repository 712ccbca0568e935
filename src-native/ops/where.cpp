#include "broadcast.h"
#include "core/sample.h"
#include "table.h"
#include "variadic_step.h"

namespace deltalab {

namespace {

template <class T>
class WhereStep : public Step<T> {
 public:
  explicit WhereStep(StepSpec<T>&& spec) : Step<T>(std::move(spec)) {
    const Shape& shape = this->output.shape;
    loops_ = broadcastLoops<3>({&this->inputs[0].shape, &this->inputs[1].shape, &this->inputs[2].shape}, shape);
    for (size_t side = 0; side < 2; ++side) {
      const Operand<T>& target = this->inputs[side + 1];
      if (!target.needsGradient) continue;
      sides_[side] = broadcastLoops<2>({&target.shape, &this->inputs[0].shape}, shape);
      gradients_[side] = SpreadGradient<T>(target, this->output.count, this->lanes);
    }
  }

  void forward(Run& run) override {
    forEachChunk(run, this->output.count, [&](int lane, size_t begin, size_t count) {
      const T* condition = this->inputs[0].data(lane);
      const T* a = this->inputs[1].data(lane);
      const T* b = this->inputs[2].data(lane);
      T* y = this->output.mutableData(lane);
      loops_.forEachRun(begin, count, [&](size_t at, const Loops<3>::Steps& from, size_t n) {
        for (size_t i = 0; i < n; ++i) {
          const std::ptrdiff_t place = static_cast<std::ptrdiff_t>(i);
          const bool holds = condition[from[0] + place * loops_.innerStep(0)] != 0;
          y[at + i] = holds ? a[from[1] + place * loops_.innerStep(1)] : b[from[2] + place * loops_.innerStep(2)];
        }
      });
    });
  }

  void backward(Run& run) override {
    for (size_t side = 0; side < 2; ++side) {
      const Operand<T>& target = this->inputs[side + 1];
      if (!target.needsGradient) continue;
      gradients_[side].write(run, sides_[side], 0, target, [&](int lane) {
        const T* condition = this->inputs[0].data(lane);
        const T* dy = this->output.gradient(lane);
        const bool wanted = side == 0;
        return [=](size_t at, std::ptrdiff_t, std::ptrdiff_t where) { return (condition[where] != 0) == wanted ? dy[at] : T(0); };
      });
    }
  }

 private:
  Loops<3> loops_;
  /** Over the output, with steps in a or b and in the condition. */
  Loops<2> sides_[2];
  SpreadGradient<T> gradients_[2];
};

}  // namespace

/** Of inputs 2 and 3 the one that input 1 says: 2 where it is true (not 0). ONNX Where: NumPy broadcasting. */
OperatorDefinition whereOperator() {
  OperatorDefinition definition;
  definition.opType = "Where";
  definition.minInputs = 3;
  definition.maxInputs = 3;
  definition.indices = {0};
  definition.shapes = variadicShape;
  definition.reads = [](const NodeContext&) { return BackwardReads{true, false}; };
  definition.useSteps<WhereStep>();
  definition.samples = [](int64_t batch) -> std::vector<OperatorSample> {
    std::vector<double> rows;
    for (int64_t i = 0; i < 3 * batch; ++i) rows.push_back(static_cast<double>(i * i % 5 % 2));
    return {{{integerInput({batch, 3}, rows), input({batch, 3}), input({batch, 3})}},
            {{integerInput({0, 1, 1}), input({batch, 2, 1}), input({})}},
            {{integerInput({batch, 1, 3}, rows), input({3}), input({4, 1})}}};
  };
  return definition;
}

}  // namespace deltalab
