#include "inference.h"

#include <algorithm>
#include <type_traits>
#include <utility>

#include "device_scorer.h"
#include "errors.h"
#include "objective.h"

namespace deltalab {

namespace {

[[noreturn]] void failInput(const std::string& name, const std::string& reason) {
  throw EngineError("graph.input", "The input " + name + ": " + reason, {{"input", name}, {"reason", reason}});
}

const NamedTensor& inputNamed(const std::vector<NamedTensor>& inputs, const std::string& name) {
  for (const NamedTensor& input : inputs) {
    if (input.name == name) return input;
  }
  failInput(name, "it is missing");
}

/** The given tensors in the order of the graph's inputs, shapes checked; the batch is free. */
std::vector<const NamedTensor*> arrange(const Graph& graph, const std::vector<NamedTensor>& inputs) {
  for (const NamedTensor& input : inputs) {
    bool known = false;
    for (const GraphValue& value : graph.inputs) known = known || value.name == input.name;
    if (!known) failInput(input.name, "the network has no such input");
  }
  std::vector<const NamedTensor*> arranged;
  for (const GraphValue& value : graph.inputs) {
    const NamedTensor& input = inputNamed(inputs, value.name);
    bool fits = input.dims.size() == value.dims.size();
    for (size_t i = 0; fits && i < value.dims.size(); ++i) {
      fits = input.dims[i] >= 1 && (value.dims[i] == -1 || value.dims[i] == input.dims[i]);
    }
    if (!fits) failInput(value.name, "it has the shape " + toText(input.dims) + ", but " + toText(value.dims) + " is needed");
    if (input.data.size() != elementCount(input.dims)) {
      failInput(value.name, "its shape " + toText(input.dims) + " does not fit its " + std::to_string(input.data.size()) + " values");
    }
    arranged.push_back(&input);
  }
  return arranged;
}

std::vector<Shape> shapesOf(const std::vector<const NamedTensor*>& inputs) {
  std::vector<Shape> shapes;
  for (const NamedTensor* input : inputs) shapes.push_back(input->dims);
  return shapes;
}

/** Values of a model of one lane. Where they are on a device, waits for what was asked for before. */
template <class T>
NamedTensor copyOut(const std::string& name, const Shape& dims, const T* values, size_t count, DeviceBackend* device) {
  NamedTensor tensor{name, dims, std::vector<float>(count)};
  if (device) device->copyFrom(tensor.data.data(), values, count * sizeof(float));
  else std::transform(values, values + count, tensor.data.begin(), [](T value) { return static_cast<float>(value); });
  return tensor;
}

}  // namespace

/** Shapes of inputs a session keeps programs for: batches of full size, the last short one, single samples. */
constexpr size_t kKeptPrograms = 4;

Session::Session(Graph graph, int threads, std::shared_ptr<DeviceBackend> device, Precision precision)
    : device_(std::move(device)), model_(std::move(graph), 1, threads, false, device_.get(), precision) {}

Session::Kept& Session::keptFor(std::vector<Shape> shapes) {
  for (size_t i = 0; i < kept_.size(); ++i) {
    if (kept_[i].shapes != shapes) continue;
    std::rotate(kept_.begin(), kept_.begin() + static_cast<std::ptrdiff_t>(i), kept_.begin() + static_cast<std::ptrdiff_t>(i) + 1);
    return kept_.front();
  }
  Kept made{{}, model_.programFor(shapes, ProgramMode::Inference), {}};
  model_.bind(*made.program);
  for (size_t i = 0; device_ && i < shapes.size(); ++i) {
    made.inputs.emplace_back(*device_, elementCount(shapes[i]));
    made.program->setInput(static_cast<int>(i), made.inputs.back().data());
  }
  made.shapes = std::move(shapes);
  if (kept_.size() == kKeptPrograms) kept_.pop_back();
  // The memory may have moved.
  for (Kept& kept : kept_) model_.bind(*kept.program);
  kept_.insert(kept_.begin(), std::move(made));
  return kept_.front();
}

std::vector<NamedTensor> Session::run(const std::vector<NamedTensor>& inputs) {
  const std::vector<const NamedTensor*> arranged = arrange(model_.graph(), inputs);
  Kept& kept = keptFor(shapesOf(arranged));
  Program<float>& program = *kept.program;
  for (size_t i = 0; i < arranged.size(); ++i) {
    if (device_) kept.inputs[i].fill(arranged[i]->data.data());
    else program.setInput(static_cast<int>(i), arranged[i]->data.data());
  }
  Run run{model_.pool(), model_.workspace(), LaneSet{}};
  program.forward(run);
  std::vector<NamedTensor> outputs;
  for (size_t i = 0; i < model_.graph().outputs.size(); ++i) {
    const Operand<float>& output = program.output(static_cast<int>(i));
    outputs.push_back(copyOut(model_.graph().outputs[i].name, output.shape, output.data(0), output.count, device_.get()));
  }
  return outputs;
}

std::vector<NamedTensor> infer(const Graph& graph, const std::vector<NamedTensor>& inputs, int threads, std::shared_ptr<DeviceBackend> device,
                               Precision precision) {
  return Session(graph, threads, std::move(device), precision).run(inputs);
}

namespace {

/** What a loss compares an output with: one of both is empty. */
struct Target {
  const std::vector<float>& values;
  const std::vector<int64_t>& classes;
  const Shape& dims;
};

[[noreturn]] void failTarget(const std::string& reason) {
  throw EngineError("plan.data", "The target: " + reason, {{"split", std::string("target")}, {"reason", reason}});
}

/** Throws 'plan.data' where the target is not one for an output of this shape, of `columns` numbers a row. */
void checkTarget(const Target& target, const Shape& output, size_t columns, bool wantsClasses) {
  const bool rightKind = wantsClasses ? !target.classes.empty() && output.size() == 2 : !target.values.empty();
  const Shape expected = wantsClasses && !output.empty() ? Shape{output[0]} : output;
  if (!rightKind || target.dims != expected || target.values.size() + target.classes.size() != elementCount(expected)) {
    failTarget("an output of shape " + toText(output) + " needs " + (wantsClasses ? "class indices (int64)" : "float targets") + " of shape " +
               toText(expected) + ", not " + toText(target.dims));
  }
  for (int64_t label : target.classes) {
    if (label >= 0 && label < static_cast<int64_t>(columns)) continue;
    failTarget("the class " + std::to_string(label) + " is outside the " + std::to_string(columns) + " outputs");
  }
}

/** The mean loss of the output, and ∂loss/∂output where there is one. */
template <class T>
double lossAt(Model<T>& model, Run& run, const Scoring& scoring, const Operand<T>& output, size_t rows, const Target& target) {
  std::vector<Tally> tally{scoring.emptyTally()};
  if constexpr (std::is_same_v<T, float>) {
    if (DeviceBackend* device = model.device()) {
      DeviceScorer scorer(*device, scoring, 1, rows, 0);
      DeviceBuffer<float> values(*device, target.values.size());
      DeviceBuffer<int64_t> classes(*device, target.classes.size());
      if (values.size() != 0) values.fill(target.values.data());
      if (classes.size() != 0) classes.fill(target.classes.data());
      scorer.choose(run.lanes);
      scorer.begin(tally);
      scorer.add(output, {nullptr, values.data(), classes.data()}, output.needsGradient);
      scorer.read(tally);
      return tally[0].loss / tally[0].weight;
    }
  }
  double loss = 0;
  Objective<T> objective(scoring, 1, rows);
  const TargetRows given{target.values.empty() ? nullptr : target.values.data(), target.classes.empty() ? nullptr : target.classes.data()};
  objective.run(run, output, given, output.needsGradient, tally.data(), &loss);
  return loss;
}

}  // namespace

template <class T>
GradientReport gradientsOf(const Graph& graph, const std::vector<NamedTensor>& inputs, const std::vector<float>& targets,
                           const std::vector<int64_t>& classes, const Shape& targetShape, LossKind loss, int threads,
                           const LossOptions& options, DeviceBackend* device, Precision precision) {
  if (graph.outputs.size() != 1) {
    throw EngineError("plan.setting", "A network with one output is needed",
                      {{"setting", std::string("graph")}, {"reason", std::string("a network with one output is needed")}});
  }
  const std::vector<const NamedTensor*> arranged = arrange(graph, inputs);
  Model<T> model(graph, 1, threads, true, device, precision);
  const auto program = model.programFor(shapesOf(arranged), ProgramMode::Differentiation);
  model.bind(*program);
  std::vector<std::vector<T>> values;
  std::vector<DeviceBuffer<T>> onDevice;
  for (const NamedTensor* input : arranged) {
    values.emplace_back(input->data.begin(), input->data.end());
    const int index = static_cast<int>(values.size()) - 1;
    if (!device) {
      program->setInput(index, values.back().data());
      continue;
    }
    onDevice.emplace_back(*device, values.back().size());
    onDevice.back().fill(values.back().data());
    program->setInput(index, onDevice.back().data());
  }

  const Operand<T>& output = program->output(0);
  // A scalar is one row of one column.
  const size_t rows = output.shape.empty() ? 1 : static_cast<size_t>(output.shape[0]);
  const Target target{targets, classes, targetShape};
  checkTarget(target, output.shape, output.count / rows, lossOf(loss).classes);

  const Scoring scoring(loss, {}, output.count / rows, options);
  Run run{model.pool(), model.workspace(), LaneSet{}};
  program->forward(run);
  GradientReport report;
  report.loss = lossAt(model, run, scoring, output, rows, target);
  if (output.needsGradient) program->backward(run);
  for (const Parameter<T>& parameter : model.parameters().all()) {
    if (parameter.kind != ParameterKind::Trained) continue;
    report.gradients.push_back(copyOut(parameter.name, parameter.dims, parameter.gradients(0), parameter.count, device));
  }
  return report;
}

template GradientReport gradientsOf<float>(const Graph&, const std::vector<NamedTensor>&, const std::vector<float>&,
                                           const std::vector<int64_t>&, const Shape&, LossKind, int, const LossOptions&, DeviceBackend*, Precision);
template GradientReport gradientsOf<double>(const Graph&, const std::vector<NamedTensor>&, const std::vector<float>&,
                                            const std::vector<int64_t>&, const Shape&, LossKind, int, const LossOptions&, DeviceBackend*, Precision);

}  // namespace deltalab
