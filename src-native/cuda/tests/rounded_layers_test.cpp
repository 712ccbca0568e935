#include "../backend.h"
#include "core/precision_names.h"
#include "core/sample.h"
#include "lone_runs.h"
#include "parity.h"
#include "products.h"

// Layers in TF32 and bfloat16, forwards and backwards: against the processor, whose factors are rounded before, and recurrent ones, which round in
// between, against the same networks put together of single products. Their lanes, and states that go on.

using namespace deltalab;
using namespace deltalab::testing;

namespace {

bool isDepthwise(const Graph& graph) {
  const GraphNode& node = graph.nodes[0];
  for (const Attribute& attribute : node.attributes) {
    if (attribute.name == "group" && attribute.number > 1) return static_cast<int64_t>(attribute.number) == graph.initializers[0].dims[1];
  }
  return false;
}

float (*roundingTo(Precision precision))(float) {
  if (precision == Precision::Tf32) return [](float value) { return rounded(Precision::Tf32, value); };
  return [](float value) { return rounded(Precision::Bf16, value); };
}

void compareLists(const std::string& name, const std::vector<std::vector<float>>& wanted, const std::vector<std::vector<float>>& got) {
  if (wanted.size() != got.size()) return fail(name.c_str(), 0, "another number of them");
  for (size_t i = 0; i < wanted.size(); ++i) {
    if (!near(wanted[i], got[i])) return fail(name.c_str(), static_cast<int>(i), "it differs");
  }
}

/** A product of its first two inputs, with what is added to it, against the processor. */
void compareRounded(const std::string& name, const Graph& graph, Precision precision, cuda::CudaBackend& device) {
  constexpr int kLanes = 2;
  const std::vector<std::string>& inputs = graph.nodes[0].inputs;
  // Depthwise convolutions are no products of matrices.
  const auto rounding = isDepthwise(graph) ? nullptr : roundingTo(precision);
  Trial card(graph, kLanes, ProgramMode::Training, &device, precision);
  Trial host(graph, kLanes, ProgramMode::Training, nullptr, Precision::Float32, {{inputs[0], inputs[1]}, rounding});
  Trial exact(graph, kLanes, ProgramMode::Training, nullptr);
  const Answers got = card.run(1, true), unrounded = exact.run(1, true);
  Answers wanted = host.run(1, true);
  // The gradient of what is added is no product.
  for (size_t i = 2 * kLanes; i < wanted.gradients.size(); ++i) wanted.gradients[i] = unrounded.gradients[i];
  compareLists(name + ": outputs", wanted.outputs, got.outputs);
  compareLists(name + ": gradients", wanted.gradients, got.gradients);
  if (!rounding) return;
  for (size_t i = 0; i < 2 * kLanes; ++i) {
    if (near(got.gradients[i], unrounded.gradients[i])) fail(name.c_str(), static_cast<int>(i), "no factor of a gradient was rounded");
  }
  if (near(got.outputs[0], unrounded.outputs[0])) fail(name.c_str(), 0, "no factor was rounded");
}

/** A network of single operators over the weights of another. */
class Composed {
 public:
  explicit Composed(const Graph& from) { graph.initializers = from.initializers; }

  std::string add(const char* opType, std::vector<std::string> inputs, std::vector<Attribute> attributes = {}) {
    const std::string name = std::string(opType) + std::to_string(graph.nodes.size());
    graph.nodes.push_back(node(name, opType, std::move(inputs), std::move(attributes)));
    return name + ".out";
  }
  std::string shaped(const std::string& value, std::vector<int64_t> shape) { return add("Reshape", {value, integers(std::move(shape))}); }
  std::string slice(const std::string& value, int64_t axis, int64_t from, int64_t to) {
    return add("Slice", {value, integers({from}), integers({to}), integers({axis})});
  }
  /** a · bᵀ + bias. */
  std::string product(const std::string& a, const std::string& b, const std::string& bias) {
    return add("Gemm", {a, b, bias}, {numberAttribute("transB", 1)});
  }

  Graph graph;

 private:
  std::string integers(std::vector<int64_t> values) {
    const std::string name = "integers" + std::to_string(graph.initializers.size());
    graph.initializers.push_back(constant(name, std::move(values)));
    return name;
  }
};

struct Kind {
  const char* opType;
  int64_t gates;
  /** Of a GRU: linear_before_reset. */
  bool afterProduct;
};
constexpr Kind kKinds[] = {{"RNN", 1, false}, {"LSTM", 4, false}, {"GRU", 3, false}, {"GRU", 3, true}};
constexpr int64_t kSteps = 3, kBatch = 5, kFeatures = 4, kHidden = 3;

Graph recurrentGraph(const Kind& kind) {
  const int64_t width = kind.gates * kHidden;
  OperatorSample sample{{input({kSteps, kBatch, kFeatures}, -1, 1), input({1, width, kFeatures}, -1, 1), input({1, width, kHidden}, -1, 1),
                         input({1, 2 * width}, -1, 1)},
                        {number("hidden_size", kHidden)},
                        1};
  if (kind.gates == 3) sample.attributes.push_back(number("linear_before_reset", kind.afterProduct ? 1 : 0));
  return sampleGraph(*findOperator(kind.opType, Device::Cpu), sample, 5);
}

/** The formulas of ONNX, moment by moment from a state of zeros. */
Graph composedGraph(const Kind& kind) {
  const Graph whole = recurrentGraph(kind);
  Composed it(whole);
  const std::vector<std::string>& inputs = whole.nodes[0].inputs;
  const int64_t width = kind.gates * kHidden;
  const std::string w = it.shaped(inputs[1], {width, kFeatures}), r = it.shaped(inputs[2], {width, kHidden}), b = it.shaped(inputs[3], {2 * width});
  const std::string ofW = it.slice(b, 0, 0, width), ofR = it.slice(b, 0, width, 2 * width);
  std::string h, c;
  std::vector<std::string> moments;
  for (int64_t t = 0; t < kSteps; ++t) {
    const std::string x = it.product(it.shaped(it.slice(inputs[0], 0, t, t + 1), {kBatch, kFeatures}), w, ofW);
    const auto gateOf = [&](const std::string& value, int64_t gate) { return it.slice(value, 1, gate * kHidden, (gate + 1) * kHidden); };
    const auto rows = [&](int64_t from, int64_t to) { return it.slice(r, 0, from * kHidden, to * kHidden); };
    const auto biases = [&](int64_t from, int64_t to) { return it.slice(ofR, 0, from * kHidden, to * kHidden); };
    // What comes of the state for some gates; of zeros there is no product.
    const auto fromState = [&](const std::string& state, int64_t from, int64_t to) {
      return state.empty() ? biases(from, to) : it.product(state, rows(from, to), biases(from, to));
    };
    if (kind.gates == 1) {
      h = it.add("Tanh", {it.add("Add", {x, fromState(h, 0, 1)})});
    } else if (kind.gates == 4) {
      const std::string u = it.add("Add", {x, fromState(h, 0, 4)});
      const std::string in = it.add("Sigmoid", {gateOf(u, 0)}), out = it.add("Sigmoid", {gateOf(u, 1)}), kept = it.add("Sigmoid", {gateOf(u, 2)});
      const std::string added = it.add("Mul", {in, it.add("Tanh", {gateOf(u, 3)})});
      c = c.empty() ? added : it.add("Add", {it.add("Mul", {kept, c}), added});
      h = it.add("Mul", {out, it.add("Tanh", {c})});
    } else {
      const std::string both = it.add("Sigmoid", {it.add("Add", {it.slice(x, 1, 0, 2 * kHidden), fromState(h, 0, 2)})});
      const std::string z = gateOf(both, 0), reset = gateOf(both, 1);
      const std::string side = kind.afterProduct ? it.add("Mul", {reset, fromState(h, 2, 3)})
                                                 : fromState(h.empty() ? h : it.add("Mul", {reset, h}), 2, 3);
      const std::string fresh = it.add("Tanh", {it.add("Add", {gateOf(x, 2), side})});
      const std::string left = it.add("Sub", {fresh, it.add("Mul", {z, fresh})});
      h = h.empty() ? left : it.add("Add", {left, it.add("Mul", {z, h})});
    }
    moments.push_back(it.shaped(h, {1, 1, kBatch, kHidden}));
  }
  it.graph.outputs = {{it.add("Concat", moments, {number("axis", 0)}), {kSteps, 1, kBatch, kHidden}}};
  return it.graph;
}

/** A classifier of sequences [4, 3] of 3 classes by the last state of an LSTM. */
TrainPlan sequencePlan(std::vector<LaneSettings> lanes) {
  TrainPlan plan = smallPlan(std::move(lanes));
  Generator generator(5);
  Graph graph;
  graph.name = "sequences";
  graph.inputs = {{"x", {-1, 4, 3}}};
  graph.initializers = {initializer("w", {1, 20, 3}, generator), initializer("r", {1, 20, 5}, generator), initializer("b", {1, 40}, generator),
                        initializer("linear.weight", {3, 5}, generator), initializer("linear.bias", {3}, generator)};
  graph.nodes = {{"lstm", "LSTM", {"x", "w", "r", "b"}, {"y", "last"}, {number("layout", 1), number("hidden_size", 5)}},
                 node("flat", "Flatten", {"last"}), node("linear", "Gemm", {"flat.out", "linear.weight", "linear.bias"}, {numberAttribute("transB", 1)})};
  graph.outputs = {{"linear.out", {-1, 3}}};
  plan.graph = graph;
  plan.training = samples(20, 12, 3, true, 2);
  plan.validation.reset();
  return plan;
}

}  // namespace

TEST(cuda_rounded_layers_are_those_of_rounded_factors) {
  cuda::CudaBackend device(0);
  for (const char* opType : {"Gemm", "MatMul", "Conv", "ConvTranspose"}) {
    const OperatorDefinition& definition = *findOperator(opType, Device::Cpu);
    const std::vector<OperatorSample> samples = definition.samples(3);
    for (size_t i = 0; i < samples.size(); ++i) {
      const Graph graph = sampleGraph(definition, samples[i], 100 + i);
      for (const Precision precision : kRounded) {
        compareRounded(std::string(opType) + " " + std::to_string(i) + " in " + precisionName(precision), graph, precision, device);
      }
    }
  }
}

TEST(cuda_rounded_sums_of_many_terms_are_those_of_rounded_factors) {
  // Gradients of weights that are summed up in pieces.
  cuda::CudaBackend device(0);
  const OperatorDefinition& conv = *findOperator("Conv", Device::Cpu);
  const Graph graph = sampleGraph(conv, {{input({6, 3, 20, 20}, -1, 1), input({4, 3, 3, 3}, -1, 1), input({4}, -1, 1)}, {}, 1}, 7);
  for (const Precision precision : kRounded) compareRounded(precisionName(precision), graph, precision, device);
}

TEST(cuda_rounded_recurrent_layers_are_those_of_single_products) {
  cuda::CudaBackend device(0);
  for (const Kind& kind : kKinds) {
    const Graph whole = recurrentGraph(kind), composed = composedGraph(kind);
    for (const Precision precision : {Precision::Float32, Precision::Tf32, Precision::Bf16}) {
      const std::string name = std::string(kind.opType) + (kind.afterProduct ? ", reset after the product, in " : " in ") + precisionName(precision);
      Trial one(whole, 2, ProgramMode::Training, &device, precision), parts(composed, 2, ProgramMode::Training, &device, precision);
      const Answers got = one.run(1, true), wanted = parts.run(1, true);
      compareLists(name + ": outputs", wanted.outputs, got.outputs);
      compareLists(name + ": gradients", wanted.gradients, got.gradients);
    }
  }
}

TEST(cuda_trainer_lane_of_rounded_layers_is_the_lone_run) {
  const std::vector<LaneSettings> lanes = {lane(0.05), lane(0.1, 0.9), lane(0.02)};
  cuda::CudaBackend device(0);
  for (TrainPlan plan : {picturePlan(lanes), sequencePlan(lanes)}) {
    for (const Precision precision : kRounded) {
      plan.precision = precision;
      compareWithLoneRuns(plan, device);
    }
  }
}

TEST(cuda_trainer_of_rounded_layers_goes_on_to_the_same_bits) {
  for (TrainPlan plan : {smallPlan({lane(0.1), lane(0.2, 0.9)}), picturePlan({lane(0.05), lane(0.1, 0.9)}), sequencePlan({lane(0.05), lane(0.1, 0.9)})}) {
    std::vector<std::vector<uint64_t>> ends;
    for (const Precision precision : {Precision::Float32, Precision::Tf32, Precision::Bf16}) {
      plan.precision = precision;
      cuda::CudaBackend device(0), other(0);
      Trainer whole(plan, &device);
      whole.advance(stepsOf(4));
      Trainer second(plan, &other);
      second.loadState(whole.saveState());
      const AdvanceReport report = whole.advance({});
      second.advance({});
      CHECK(second.saveState() == whole.saveState());
      ends.push_back(traceOf(whole, report.epochs, 0));
    }
    CHECK(ends[0] != ends[1] && ends[1] != ends[2] && ends[0] != ends[2]);
  }
}
