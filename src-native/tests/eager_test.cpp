#include <algorithm>
#include <cmath>
#include <cstring>

#include "core/errors.h"
#include "core/model.h"
#include "core/sample.h"
#include "eager_fixtures.h"
#include "harness.h"

// Operators run by themselves: every sample of the table against the Program of the same node, bit for bit.

using namespace deltalab;
using namespace deltalab::testing;

namespace {

template <class T>
using Values = std::vector<std::vector<T>>;

std::string nameOf(const OperatorDefinition& definition, size_t sample) {
  return std::string(definition.opType) + ", sample " + std::to_string(sample);
}

/** A sample of the table as an eager operator, with the values of its inputs. */
template <class T>
struct Eager {
  explicit Eager(const Graph& graph, const OperatorDefinition& definition) : op(eagerRequestOf(graph, definition)) {
    const GraphNode& node = graph.nodes[0];
    for (size_t i = 0; i < node.inputs.size(); ++i) {
      const Initializer* given = initializerNamed(graph, node.inputs[i]);
      inputs.push_back(given && op.inputElements(i) > 0 ? valuesOf<T>(*given) : std::vector<T>());
    }
    for (size_t i = 0; i < op.outputCount(); ++i) outputs.emplace_back(op.outputElements(i), T(77));
    for (size_t i = 0; i < inputs.size(); ++i) inputGradients.emplace_back(op.needsGradient(i) ? op.inputElements(i) : 0, T(77));
  }

  static std::vector<T*> pointers(Values<T>& values) {
    std::vector<T*> result;
    for (std::vector<T>& item : values) result.push_back(item.empty() ? nullptr : item.data());
    return result;
  }

  /** Returns the number of the call. */
  uint64_t forward(Run& run) { return forward(run, inputs, outputs); }
  uint64_t forward(Run& run, Values<T>& from, Values<T>& to) {
    op.forward(run, ++calls, pointers(from).data(), pointers(to).data());
    return calls;
  }

  /** The gradients of the outputs are 1/2, -3/4, 9/8, … */
  void backward(Run& run, uint64_t call) {
    Values<T> outputGradients;
    for (const std::vector<T>& output : outputs) outputGradients.push_back(seedGradient<T>(output.size()));
    // What it does not ask for it must not read.
    std::vector<T*> given = pointers(inputs), made = pointers(outputs);
    if (!op.saves().inputs) std::fill(given.begin(), given.end(), nullptr);
    for (size_t i = 0; i < made.size(); ++i) {
      if (!op.saves().output || i > 0) made[i] = nullptr;
    }
    op.backward(run, call, given.data(), made.data(), pointers(outputGradients).data(), pointers(inputGradients).data());
  }

  EagerOperator<T> op;
  Values<T> inputs, outputs, inputGradients;
  uint64_t calls = 0;
};

template <class T>
bool sameBits(const std::vector<T>& a, const T* b) {
  return a.empty() || std::memcmp(a.data(), b, a.size() * sizeof(T)) == 0;
}

/** Outputs and gradients of a sample equal those of the program of this one node. */
template <class T>
void compareWithProgram(const OperatorDefinition& definition, Graph graph, const std::string& name) {
  Model<T> model(graph, 1, 1, true);
  const auto program = model.programFor({}, ProgramMode::Differentiation);
  model.bind(*program);
  Run run{model.pool(), model.workspace(), LaneSet{}};
  program->forward(run);
  Eager<T> eager(graph, definition);
  const uint64_t call = eager.forward(run);
  for (size_t i = 0; i < eager.outputs.size(); ++i) {
    CHECK_EQ(toText(eager.op.outputShapes()[i]), toText(program->output(static_cast<int>(i)).shape));
    if (!sameBits(eager.outputs[i], program->output(static_cast<int>(i)).data(0))) fail(name.c_str(), static_cast<int>(i), "another output");
  }
  // The graph keeps outputs only: a view gives its gradient to the initializer itself.
  for (size_t i = 0; i < eager.outputs.size(); ++i) {
    const Operand<T>& output = program->output(static_cast<int>(i));
    if (!output.needsGradient) continue;
    const std::vector<T> gradient = seedGradient<T>(output.count);
    std::copy(gradient.begin(), gradient.end(), output.gradient(0));
  }
  program->backward(run);
  eager.backward(run, call);
  for (size_t i = 0; i < eager.inputGradients.size(); ++i) {
    if (eager.inputGradients[i].empty()) continue;
    for (const Parameter<T>& parameter : model.parameters().all()) {
      if (parameter.name != graph.nodes[0].inputs[i]) continue;
      if (!sameBits(eager.inputGradients[i], parameter.gradients(0))) fail(name.c_str(), static_cast<int>(i), "another gradient");
    }
  }
}

/** f(definition, graph of a sample, its name) for the whole table. */
template <class F>
void forEverySample(F&& f) {
  for (const OperatorDefinition* definition : allOperators()) {
    for (int64_t batch : {1, 3}) {
      const std::vector<OperatorSample> samples = definition->samples(batch);
      for (size_t i = 0; i < samples.size(); ++i) f(*definition, sampleGraph(*definition, samples[i], 100 + i), nameOf(*definition, i));
    }
  }
}

}  // namespace

TEST(eager_operators_equal_their_programs) {
  forEverySample([](const OperatorDefinition& definition, const Graph& graph, const std::string& name) {
    compareWithProgram<float>(definition, graph, name);
    compareWithProgram<double>(definition, graph, name);
  });
}

/** Two forward calls, then backward of the first: it must not see what the second left behind. */
TEST(eager_operators_keep_calls_apart) {
  ThreadPool pool(1);
  Workspace workspace;
  Run run{pool, workspace, LaneSet{}};
  forEverySample([&](const OperatorDefinition& definition, const Graph& graph, const std::string& name) {
    Eager<float> alone(graph, definition);
    alone.backward(run, alone.forward(run));
    Eager<float> mixed(graph, definition);
    const uint64_t first = mixed.forward(run);
    Values<float> others = mixed.inputs, unused = mixed.outputs;
    for (size_t i = 0; i < others.size(); ++i) {
      // Other values in the same range; indices stay what they are.
      if (!definition.takesIndices(i)) std::reverse(others[i].begin(), others[i].end());
    }
    mixed.forward(run, others, unused);
    mixed.backward(run, first);
    if (alone.inputGradients != mixed.inputGradients) fail(name.c_str(), 0, "the second call changed the gradient of the first");
  });
}

TEST(eager_operators_do_not_depend_on_threads) {
  ThreadPool one(1), three(3);
  Workspace workspace;
  const OperatorDefinition& matmul = *findOperator("MatMul", Device::Cpu);
  const Graph graph = sampleGraph(matmul, {{input({67, 129}), input({129, 131})}, {}, 1}, 5);
  Eager<float> a(graph, matmul), b(graph, matmul);
  Run alone{one, workspace, LaneSet{}}, shared{three, workspace, LaneSet{}};
  a.backward(alone, a.forward(alone));
  b.backward(shared, b.forward(shared));
  CHECK(a.outputs == b.outputs);
  CHECK(a.inputGradients == b.inputGradients);
}

TEST(eager_operators_name_what_is_wrong) {
  const auto codeOf = [](EagerRequest request) -> std::string {
    try {
      EagerOperator<float> op(std::move(request));
    } catch (const EngineError& error) {
      return error.code();
    }
    return "none";
  };
  CHECK_EQ(codeOf({"Add", {}, {{{2, 3}}, {{4}}}, 1}), "graph.shape");
  CHECK_EQ(codeOf({"Nothing", {}, {{{2, 3}}}, 1}), "graph.operator");
  CHECK_EQ(codeOf({"Softmax", {number("axes", 1)}, {{{2, 3}}}, 1}), "graph.attribute");
  CHECK_EQ(codeOf({"Reshape", {}, {{{2, 3}}, {{1}}}, 1}), "graph.shape");
  CHECK_EQ(codeOf({"Add", {}, {{{2, 3}}}, 1}), "graph.shape");
}
