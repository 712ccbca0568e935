#include "planner.h"

#include <algorithm>
#include <unordered_map>

#include "../ops/gemm_step.h"
#include "errors.h"
#include "parameters.h"
#include "scaled_softmax.h"
#include "topology.h"

namespace deltalab {

namespace {

class Planner {
 public:
  Planner(const Graph& graph, const std::vector<Shape>& inputShapes, int lanes, ProgramMode mode, Device device)
      : graph_(graph), mode_(mode), device_(device) {
    plan_.lanes = lanes;
    addInputs(inputShapes);
    addInitializers();
  }

  Plan plan() {
    const std::vector<int> order = topologicalOrder(graph_);
    for (int index : order) addNode(static_cast<size_t>(index));
    for (const GraphValue& output : graph_.outputs) {
      const int index = find(output.name, "the graph's outputs");
      const int initializer = value(index).initializer;
      if (initializer >= 0 && graph_.initializers[static_cast<size_t>(initializer)].integer) {
        failValue(output.name, "the graph's outputs", "int64 values cannot be an output");
      }
      plan_.outputs.push_back(index);
    }
    dropUnused();
    fuse();
    fuseScaledSoftmax(graph_, plan_);
    if (plan_.lanes > 1 && device_ == Device::Cpu) widen();
    return std::move(plan_);
  }

 private:
  PlannedValue& value(int index) { return plan_.values[static_cast<size_t>(index)]; }

  int add(PlannedValue value) {
    const int index = static_cast<int>(plan_.values.size());
    if (!names_.emplace(value.name, index).second) failValue(value.name, "", "it is defined twice");
    if (value.root < 0) value.root = index;
    plan_.values.push_back(std::move(value));
    return index;
  }

  [[noreturn]] static void failValue(const std::string& name, const std::string& node, const std::string& reason) {
    throw EngineError("graph.value", "The value " + name + (node.empty() ? "" : ", read by " + node + ",") + ": " + reason,
                      {{"value", name}, {"node", node}, {"reason", reason}});
  }

  int find(const std::string& name, const std::string& reader) const {
    const auto found = names_.find(name);
    if (found == names_.end()) failValue(name, reader, "nothing produces it");
    return found->second;
  }

  void addInputs(const std::vector<Shape>& shapes) {
    for (size_t i = 0; i < graph_.inputs.size(); ++i) {
      PlannedValue input;
      input.name = graph_.inputs[i].name;
      input.shape = shapes[i];
      input.root = -1;
      input.input = static_cast<int>(i);
      add(std::move(input));
    }
  }

  void addInitializers() {
    const std::vector<bool> running = runningInitializers(graph_);
    for (size_t i = 0; i < graph_.initializers.size(); ++i) {
      const Initializer& initializer = graph_.initializers[i];
      const size_t count = initializer.integer ? initializer.integers.size() : initializer.values.size();
      for (int64_t size : initializer.dims) {
        if (size < 1) failValue(initializer.name, "", "its shape " + toText(initializer.dims) + " has an empty dimension");
      }
      // Weights without any values are an outline, of which only sizes are wanted (memoryOf).
      const bool outlined = !initializer.integer && count == 0;
      if (!outlined && count != elementCount(initializer.dims)) {
        failValue(initializer.name, "",
                  "its shape " + toText(initializer.dims) + " does not fit its " + std::to_string(count) + " values");
      }
      PlannedValue constant;
      constant.name = initializer.name;
      constant.shape = initializer.dims;
      constant.root = -1;
      constant.initializer = static_cast<int>(i);
      constant.differentiable = initializer.trainable() && !running[i];
      constant.varies = constant.differentiable || running[i];
      add(std::move(constant));
    }
  }

  const OperatorDefinition& definitionOf(const GraphNode& node) const {
    const OperatorDefinition* definition = findOperator(node.opType, Device::Cpu);
    if (!definition) {
      throw EngineError("graph.operator", "Layer " + node.name + ": the engine has no operator " + node.opType,
                        {{"node", node.name}, {"operator", node.opType}});
    }
    return *definition;
  }

  void addNode(size_t nodeIndex) {
    const GraphNode& node = graph_.nodes[nodeIndex];
    PlannedNode planned;
    planned.node = &node;
    planned.index = nodeIndex;
    planned.definition = &definitionOf(node);
    const OperatorDefinition& definition = *planned.definition;
    NodeContext& context = planned.context;
    context.node = &node;
    context.checkSignature(definition);

    for (size_t i = 0; i < node.inputs.size(); ++i) {
      const std::string& name = node.inputs[i];
      const int index = name.empty() ? -1 : find(name, node.name);
      const PlannedValue* input = index < 0 ? nullptr : &value(index);
      const Initializer* constant =
          input && input->initializer >= 0 ? &graph_.initializers[static_cast<size_t>(input->initializer)] : nullptr;
      context.initializers.push_back(constant);
      shapes_.push_back(input ? std::make_unique<Shape>(input->shape) : nullptr);
      context.shapes.push_back(shapes_.back().get());
      const bool asConstant = definition.takesConstant(i);
      if (input && asConstant && !constant) context.failShape("input " + std::to_string(i + 1) + " must be a constant");
      if (constant && constant->integer && !asConstant && !definition.takesIndices(i)) {
        failValue(name, node.name, "it holds int64 values, float values are needed");
      }
      planned.inputs.push_back(asConstant ? -1 : index);
      if (!input || asConstant) continue;
      planned.varies = planned.varies || input->varies;
      planned.differentiable = planned.differentiable || input->differentiable;
    }
    for (size_t i = 0; i < definition.minInputs; ++i) {
      if (!context.has(i)) context.failShape("input " + std::to_string(i + 1) + " is missing");
    }

    const std::vector<Shape> shapes = definition.shapes(context);
    for (size_t i = 0; i < node.outputs.size(); ++i) {
      if (node.outputs[i].empty()) {
        planned.outputs.push_back(-1);
        continue;
      }
      PlannedValue output;
      output.name = node.outputs[i];
      output.shape = shapes[i];
      output.root = i == 0 && isView(planned) ? value(planned.inputs[0]).root : -1;
      output.varies = planned.varies;
      output.differentiable = planned.differentiable && i < definition.differentiableOutputs;
      planned.outputs.push_back(add(std::move(output)));
    }
    // What only compares or counts passes no gradient on.
    planned.differentiable = planned.differentiable && definition.differentiableOutputs > 0;
    // The plan keeps the context; its pointers to shapes must survive with it.
    plan_.nodes.push_back(std::move(planned));
  }

  bool isView(const PlannedNode& node) const {
    const OperatorDefinition& definition = *node.definition;
    return definition.view() || (definition.viewIn && definition.viewIn(node.context, mode_));
  }

  /** Keeps the nodes that an output depends on; views have done their work. */
  void dropUnused() {
    std::vector<bool> needed(plan_.values.size(), false);
    for (int output : plan_.outputs) needed[static_cast<size_t>(value(output).root)] = true;
    std::vector<bool> gone(plan_.nodes.size(), false);
    for (size_t i = plan_.nodes.size(); i-- > 0;) {
      const PlannedNode& node = plan_.nodes[i];
      const bool read = std::any_of(node.outputs.begin(), node.outputs.end(), [&](int output) {
        return output >= 0 && needed[static_cast<size_t>(value(output).root)];
      });
      gone[i] = !read || isView(node);
      if (gone[i]) continue;
      for (int input : node.inputs) {
        if (input >= 0) needed[static_cast<size_t>(value(input).root)] = true;
      }
    }
    plan_.remove(gone);
  }

  /** A product whose only reader is an activation computes it in its epilogue. */
  void fuse() {
    const std::vector<int> readers = plan_.readers();
    std::unordered_map<int, size_t> products;  // by root of the output
    std::vector<bool> gone(plan_.nodes.size(), false);
    for (size_t i = 0; i < plan_.nodes.size(); ++i) {
      PlannedNode& node = plan_.nodes[i];
      if (node.definition->fusesActivation) products.emplace(value(node.output()).root, i);
      if (!node.definition->fusable) continue;
      const int root = value(node.inputs[0]).root;
      const auto product = products.find(root);
      double alpha = 0;
      const Activation activation = node.definition->fusable(node.context, alpha);
      if (product == products.end() || readers[static_cast<size_t>(root)] != 1 || activation == Activation::None) continue;
      PlannedNode& target = plan_.nodes[product->second];
      const bool sameShape = value(node.output()).shape == value(target.output()).shape;
      if (!sameShape || target.activation != Activation::None) continue;
      target.activation = activation;
      target.activationAlpha = alpha;
      target.outputs[0] = node.output();
      gone[i] = true;
    }
    plan_.remove(gone);
  }

  static bool isProduct(const PlannedNode& node) { return std::string("Gemm") == node.definition->opType; }

  /**
   * A product of shared inputs with weights [lanes][n, k] is one product with [lanes · n, k]; its output is interleaved, which
   * other products and the loss can read.
   */
  void widen() {
    for (PlannedNode& node : plan_.nodes) {
      if (!isProduct(node) || value(node.inputs[0]).varies) continue;
      const GemmForm form = gemmForm(node.context);
      const bool stacked = form.transB && isTrainable(node.inputs[1]);
      const bool plain = form.addend == GemmForm::Addend::None ||
                         (form.addend == GemmForm::Addend::Bias && isTrainable(node.inputs[2]));
      const bool fits = static_cast<int64_t>(form.n) * plan_.lanes <= INT32_MAX;
      if (!stacked || !plain || !fits || !readableInterleaved(node.output())) continue;
      node.wide = true;
      value(value(node.output()).root).interleaved = true;
    }
  }

  bool isTrainable(int index) { return value(index).initializer >= 0 && value(index).differentiable; }

  bool readableInterleaved(int output) {
    const int root = value(output).root;
    const Shape& shape = value(root).shape;
    for (const PlannedNode& node : plan_.nodes) {
      for (size_t i = 0; i < node.inputs.size(); ++i) {
        const int input = node.inputs[i];
        if (input < 0 || value(input).root != root) continue;
        const bool asRows = isProduct(node) && i == 0 && node.context.integer("transA", 0) == 0;
        if (!asRows || value(input).shape != shape) return false;
      }
    }
    for (int index : plan_.outputs) {
      const PlannedValue& result = value(index);
      if (result.root == root && result.shape != shape) return false;
    }
    return true;
  }

  const Graph& graph_;
  ProgramMode mode_;
  Device device_;
  Plan plan_;
  std::unordered_map<std::string, int> names_;
  std::vector<std::unique_ptr<Shape>>& shapes_ = plan_.shapes;
};

}  // namespace

std::vector<int> Plan::readers() const {
  std::vector<int> counts(values.size(), 0);
  const auto count = [&](int index) { ++counts[static_cast<size_t>(values[static_cast<size_t>(index)].root)]; };
  for (const PlannedNode& node : nodes) {
    for (int input : node.inputs) {
      if (input >= 0) count(input);
    }
  }
  for (int output : outputs) count(output);
  return counts;
}

void Plan::remove(const std::vector<bool>& gone) {
  size_t kept = 0;
  for (size_t i = 0; i < nodes.size(); ++i) {
    if (gone[i]) continue;
    if (kept != i) nodes[kept] = std::move(nodes[i]);
    ++kept;
  }
  nodes.resize(kept);
}

Plan planGraph(const Graph& graph, const std::vector<Shape>& inputShapes, int lanes, ProgramMode mode, Device device) {
  return Planner(graph, inputShapes, lanes, mode, device).plan();
}

}  // namespace deltalab
