#include "inference.h"

#include <algorithm>
#include <utility>

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

template <class T>
NamedTensor copyOut(const std::string& name, const Operand<T>& operand) {
  NamedTensor tensor{name, operand.shape, std::vector<float>(operand.count)};
  for (size_t i = 0; i < operand.count; ++i) tensor.data[i] = static_cast<float>(operand.data(0)[i]);
  return tensor;
}

}  // namespace

/** Shapes of inputs a session keeps programs for: batches of full size, the last short one, single samples. */
constexpr size_t kKeptPrograms = 4;

Session::Session(Graph graph, int threads) : model_(std::move(graph), 1, threads, false) {}

Program<float>& Session::programFor(std::vector<Shape> shapes) {
  for (size_t i = 0; i < kept_.size(); ++i) {
    if (kept_[i].shapes != shapes) continue;
    std::rotate(kept_.begin(), kept_.begin() + static_cast<std::ptrdiff_t>(i), kept_.begin() + static_cast<std::ptrdiff_t>(i) + 1);
    return *kept_.front().program;
  }
  auto program = model_.programFor(shapes, ProgramMode::Inference);
  model_.bind(*program);
  if (kept_.size() == kKeptPrograms) kept_.pop_back();
  // The memory may have moved.
  for (Kept& kept : kept_) model_.bind(*kept.program);
  kept_.insert(kept_.begin(), {std::move(shapes), std::move(program)});
  return *kept_.front().program;
}

std::vector<NamedTensor> Session::run(const std::vector<NamedTensor>& inputs) {
  const std::vector<const NamedTensor*> arranged = arrange(model_.graph(), inputs);
  Program<float>& program = programFor(shapesOf(arranged));
  for (size_t i = 0; i < arranged.size(); ++i) program.setInput(static_cast<int>(i), arranged[i]->data.data());
  Run run{model_.pool(), model_.workspace(), LaneSet{}};
  program.forward(run);
  std::vector<NamedTensor> outputs;
  for (size_t i = 0; i < model_.graph().outputs.size(); ++i) {
    outputs.push_back(copyOut(model_.graph().outputs[i].name, program.output(static_cast<int>(i))));
  }
  return outputs;
}

std::vector<NamedTensor> infer(const Graph& graph, const std::vector<NamedTensor>& inputs, int threads) {
  return Session(graph, threads).run(inputs);
}

template <class T>
GradientReport gradientsOf(const Graph& graph, const std::vector<NamedTensor>& inputs, const std::vector<float>& targets,
                           const std::vector<int64_t>& classes, const Shape& targetShape, LossKind loss, int threads,
                           const LossOptions& options) {
  if (graph.outputs.size() != 1) {
    throw EngineError("plan.setting", "A network with one output is needed",
                      {{"setting", std::string("graph")}, {"reason", std::string("a network with one output is needed")}});
  }
  const std::vector<const NamedTensor*> arranged = arrange(graph, inputs);
  Model<T> model(graph, 1, threads, true);
  const auto program = model.programFor(shapesOf(arranged), ProgramMode::Differentiation);
  model.bind(*program);
  std::vector<std::vector<T>> values;
  for (const NamedTensor* input : arranged) values.emplace_back(input->data.begin(), input->data.end());
  for (size_t i = 0; i < values.size(); ++i) program->setInput(static_cast<int>(i), values[i].data());

  const Operand<T>& output = program->output(0);
  const bool wantsClasses = lossOf(loss).classes;
  const bool rightKind = wantsClasses ? !classes.empty() && output.shape.size() == 2 : !targets.empty();
  const Shape expected = wantsClasses && !output.shape.empty() ? Shape{output.shape[0]} : output.shape;
  if (!rightKind || targetShape != expected ||
      targets.size() + classes.size() != elementCount(expected)) {
    const std::string reason = "an output of shape " + toText(output.shape) + " needs " +
                               (wantsClasses ? "class indices (int64)" : "float targets") + " of shape " + toText(expected) +
                               ", not " + toText(targetShape);
    throw EngineError("plan.data", "The target: " + reason, {{"split", std::string("target")}, {"reason", reason}});
  }
  // A scalar is one row of one column.
  const size_t rowCount = output.shape.empty() ? 1 : static_cast<size_t>(output.shape[0]);
  const size_t columns = output.count / rowCount;
  for (int64_t label : classes) {
    if (label < 0 || label >= static_cast<int64_t>(columns)) {
      const std::string reason = "the class " + std::to_string(label) + " is outside the " + std::to_string(columns) + " outputs";
      throw EngineError("plan.data", "The target: " + reason, {{"split", std::string("target")}, {"reason", reason}});
    }
  }

  const Scoring scoring(loss, {}, columns, options);
  Objective<T> objective(scoring, 1, rowCount);
  Run run{model.pool(), model.workspace(), LaneSet{}};
  program->forward(run);
  GradientReport report;
  std::vector<Tally> tally{scoring.emptyTally()};
  const TargetRows rows{targets.empty() ? nullptr : targets.data(), classes.empty() ? nullptr : classes.data()};
  objective.run(run, output, rows, output.needsGradient, tally.data(), &report.loss);
  if (output.needsGradient) program->backward(run);
  for (const Parameter<T>& parameter : model.parameters().all()) {
    if (parameter.kind != ParameterKind::Trained) continue;
    NamedTensor tensor{parameter.name, parameter.dims, std::vector<float>(parameter.count)};
    for (size_t i = 0; i < parameter.count; ++i) tensor.data[i] = static_cast<float>(parameter.gradients(0)[i]);
    report.gradients.push_back(std::move(tensor));
  }
  return report;
}

template GradientReport gradientsOf<float>(const Graph&, const std::vector<NamedTensor>&, const std::vector<float>&,
                                           const std::vector<int64_t>&, const Shape&, LossKind, int, const LossOptions&);
template GradientReport gradientsOf<double>(const Graph&, const std::vector<NamedTensor>&, const std::vector<float>&,
                                            const std::vector<int64_t>&, const Shape&, LossKind, int, const LossOptions&);

}  // namespace deltalab
