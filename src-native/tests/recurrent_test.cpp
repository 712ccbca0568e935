#include <cmath>

#include "core/errors.h"
#include "core/inference.h"
#include "core/model.h"
#include "core/sample.h"
#include "fixtures.h"
#include "harness.h"

// What the samples of LSTM, GRU and RNN leave out: sequences that end early, inputs by sample (layout 1), what is refused, threads and lanes.

using namespace deltalab;
using namespace deltalab::testing;

namespace {

struct Kind {
  const char* opType;
  int64_t gates;
  size_t outputs;
};
constexpr Kind kKinds[] = {{"LSTM", 4, 3}, {"GRU", 3, 2}, {"RNN", 1, 2}};
constexpr int64_t kSteps = 4, kBatch = 3, kFeatures = 2, kHidden = 3;

/** A bidirectional node over [kSteps, kBatch, kFeatures] with all states given. */
Graph recurrentGraph(const Kind& kind, std::vector<double> lengths, std::vector<Attribute> attributes) {
  const int64_t width = kind.gates * kHidden;
  OperatorSample sample{{input({kSteps, kBatch, kFeatures}), input({2, width, kFeatures}), input({2, width, kHidden}),
                         input({2, 2 * width}), lengths.empty() ? omittedInput() : integerInput(lengths),
                         input({2, kBatch, kHidden})},
                        std::move(attributes),
                        kind.outputs};
  if (kind.gates == 4) sample.inputs.push_back(input({2, kBatch, kHidden}));
  sample.attributes.push_back(text("direction", "bidirectional"));
  sample.attributes.push_back(number("hidden_size", kHidden));
  return sampleGraph(*findOperator(kind.opType, Device::Cpu), sample, 5);
}

Initializer& named(Graph& graph, const std::string& name) {
  for (Initializer& initializer : graph.initializers) {
    if (initializer.name == name) return initializer;
  }
  throw EngineError("test", "no initializer " + name);
}

/** [a, b, rest] to [b, a, rest]. */
std::vector<float> swapped(const std::vector<float>& values, size_t a, size_t b) {
  const size_t rest = values.size() / (a * b);
  std::vector<float> result(values.size());
  for (size_t i = 0; i < a; ++i) {
    for (size_t j = 0; j < b; ++j) {
      for (size_t k = 0; k < rest; ++k) result[(j * a + i) * rest + k] = values[(i * b + j) * rest + k];
    }
  }
  return result;
}

double largestDifference(const std::vector<float>& a, const std::vector<float>& b) {
  double result = a.size() == b.size() ? 0 : 1e9;
  for (size_t i = 0; i < a.size() && i < b.size(); ++i) result = std::max(result, std::fabs(static_cast<double>(a[i]) - static_cast<double>(b[i])));
  return result;
}

/** The loss against zeros and its gradients. */
GradientReport gradientsAgainstZero(Graph graph, const Shape& shape, size_t output = 0) {
  graph.outputs = {graph.outputs[output]};
  return gradientsOf<double>(graph, {}, std::vector<float>(elementCount(shape)), {}, shape, LossKind::Mse, 1);
}

const std::vector<float>& gradientNamed(const GradientReport& report, const std::string& name) {
  for (const NamedTensor& tensor : report.gradients) {
    if (tensor.name == name) return tensor.data;
  }
  throw EngineError("test", "no gradient " + name);
}

std::string refusal(const Graph& graph) {
  try {
    infer(graph, {}, 1);
  } catch (const EngineError& error) {
    return error.code() + ": " + error.what();
  }
  return "accepted";
}

}  // namespace

TEST(recurrent_sequences_that_end_early_keep_their_state) {
  for (const Kind& kind : kKinds) {
    const Graph whole = recurrentGraph(kind, {}, {});
    const Graph ended = recurrentGraph(kind, {4, 2, 3}, {});
    const std::vector<NamedTensor> outputs = infer(ended, {}, 1);
    const std::vector<NamedTensor> wholeOutputs = infer(whole, {}, 1);
    // A sample alone, cut to its own length, gives the same.
    for (size_t sample : {1, 2}) {
      const size_t length = sample == 1 ? 2 : 3;
      Graph cut = whole;
      Initializer& x = named(cut, "input0");
      x.dims[0] = static_cast<int64_t>(length);
      x.values.resize(length * kBatch * kFeatures);
      const std::vector<NamedTensor> expected = infer(cut, {}, 1);
      for (size_t t = 0; t < kSteps; ++t) {
        for (size_t d = 0; d < 2; ++d) {
          for (size_t i = 0; i < kHidden; ++i) {
            const size_t at = ((t * 2 + d) * kBatch + sample) * kHidden + i;
            const float wanted = t < length ? expected[0].data[at] : 0;
            CHECK(std::fabs(outputs[0].data[at] - wanted) < 1e-6F);
          }
        }
      }
      for (size_t output = 1; output < kind.outputs; ++output) {
        for (size_t d = 0; d < 2; ++d) {
          const size_t at = (d * kBatch + sample) * kHidden;
          for (size_t i = 0; i < kHidden; ++i) CHECK(std::fabs(outputs[output].data[at + i] - expected[output].data[at + i]) < 1e-6F);
        }
      }
    }
    CHECK(largestDifference(outputs[0].data, wholeOutputs[0].data) > 0.01);
  }
}

TEST(recurrent_gradients_of_sequences_that_end_early_equal_central_differences) {
  for (const Kind& kind : kKinds) {
    for (size_t output = 0; output < kind.outputs; ++output) {
      const Graph graph = recurrentGraph(kind, {4, 2, 3}, {});
      const Shape shape = output == 0 ? Shape{kSteps, 2, kBatch, kHidden} : Shape{2, kBatch, kHidden};
      const GradientReport report = gradientsAgainstZero(graph, shape, output);
      for (const NamedTensor& tensor : report.gradients) {
        for (size_t i = 0; i < tensor.data.size(); ++i) {
          double losses[2];
          float places[2];
          for (int side = 0; side < 2; ++side) {
            Graph moved = graph;
            float& value = named(moved, tensor.name).values[i];
            places[side] = value += side == 0 ? 1e-3F : -1e-3F;
            losses[side] = gradientsAgainstZero(moved, shape, output).loss;
          }
          const double expected = (losses[0] - losses[1]) / (static_cast<double>(places[0]) - static_cast<double>(places[1]));
          const double got = static_cast<double>(tensor.data[i]);
          if (std::fabs(got - expected) > 1e-5 + 1e-4 * std::fabs(expected)) {
            fail(kind.opType, static_cast<int>(output),
                 tensor.name + "[" + std::to_string(i) + "] is " + std::to_string(got) + ", expected " + std::to_string(expected));
          }
        }
      }
    }
  }
}

TEST(recurrent_layout_1_is_layout_0_by_sample) {
  for (const Kind& kind : kKinds) {
    const Graph byTime = recurrentGraph(kind, {4, 2, 3}, {});
    Graph bySample = byTime;
    bySample.nodes[0].attributes.push_back(number("layout", 1));
    for (const char* name : {"input0", "input5", "input6"}) {
      if (kind.gates != 4 && name == std::string("input6")) continue;
      Initializer& values = named(bySample, name);
      values.values = swapped(values.values, static_cast<size_t>(values.dims[0]), static_cast<size_t>(values.dims[1]));
      std::swap(values.dims[0], values.dims[1]);
    }
    const std::vector<NamedTensor> expected = infer(byTime, {}, 1);
    const std::vector<NamedTensor> got = infer(bySample, {}, 1);
    CHECK(got[0].dims == (Shape{kBatch, kSteps, 2, kHidden}));
    // [steps, directions, batch, hidden] as [steps · directions, batch] to [batch, steps · directions].
    CHECK_EQ(largestDifference(got[0].data, swapped(expected[0].data, kSteps * 2, kBatch)), 0.0);
    for (size_t i = 1; i < kind.outputs; ++i) {
      CHECK(got[i].dims == (Shape{kBatch, 2, kHidden}));
      CHECK_EQ(largestDifference(got[i].data, swapped(expected[i].data, 2, kBatch)), 0.0);
    }
    const GradientReport a = gradientsAgainstZero(byTime, {kSteps, 2, kBatch, kHidden});
    const GradientReport b = gradientsAgainstZero(bySample, {kBatch, kSteps, 2, kHidden});
    CHECK(largestDifference(gradientNamed(b, "input0"), swapped(gradientNamed(a, "input0"), kSteps, kBatch)) < 1e-9);
    CHECK(largestDifference(gradientNamed(b, "input5"), swapped(gradientNamed(a, "input5"), 2, kBatch)) < 1e-9);
    CHECK(largestDifference(gradientNamed(b, "input2"), gradientNamed(a, "input2")) < 1e-9);
  }
}

TEST(recurrent_nodes_refuse_what_the_engine_cannot_do) {
  const Kind lstm = kKinds[0];
  const auto with = [&](Attribute attribute) { return refusal(recurrentGraph(lstm, {}, {std::move(attribute)})); };
  CHECK(with(number("clip", -1)).find("graph.attribute") == 0);
  CHECK(with(texts("activations", {"Sigmoid", "Tanh"})).find("6 names") != std::string::npos);
  CHECK(with(texts("activations", {"Sigmoid", "Swish", "Tanh", "Sigmoid", "Tanh", "Tanh"})).find("Swish") != std::string::npos);
  CHECK(with(number("layout", 2)).find("graph.attribute") == 0);
  Graph wrong = recurrentGraph(lstm, {}, {});
  Initializer& r = named(wrong, "input2");
  r.dims = {2, 4 * kHidden, kHidden + 1};
  r.values.resize(elementCount(r.dims));
  CHECK(refusal(wrong).find("R has the shape") != std::string::npos);
  CHECK_EQ(with(texts("activations", {"Sigmoid", "Tanh", "Relu", "Sigmoid", "Softplus", "Tanh"})), "accepted");
}

TEST(recurrent_lanes_and_threads_change_no_bit) {
  for (const Kind& kind : kKinds) {
    // Large enough that several threads share a moment.
    const int64_t hidden = 33, width = kind.gates * hidden, batch = 71;
    const OperatorSample sample{{input({3, batch, 5}), input({2, width, 5}, -0.3, 0.3), input({2, width, hidden}, -0.3, 0.3),
                                 input({2, 2 * width}), omittedInput(), input({2, batch, hidden})},
                                {text("direction", "bidirectional"), number("hidden_size", static_cast<double>(hidden))},
                                1};
    const Graph graph = sampleGraph(*findOperator(kind.opType, Device::Cpu), sample, 6);
    // Values and gradients of lane `lane` of `lanes`, whose weights are scaled by their number.
    const auto results = [&](int lanes, int lane, int first, int threads) {
      Model<float> model(graph, lanes, threads, true);
      const auto program = model.programFor({}, ProgramMode::Training);
      model.bind(*program);
      std::vector<Parameter<float>>& parameters = model.parameters().all();
      for (int i = 0; i < lanes; ++i) {
        for (Parameter<float>& parameter : parameters) {
          for (size_t j = 0; j < parameter.count; ++j) parameter.values(i)[j] *= 1 + 0.25F * static_cast<float>(first + i);
        }
      }
      Run run{model.pool(), model.workspace(), LaneSet{lanes, nullptr, lanes}};
      program->forward(run);
      const Operand<float>& y = program->output(0);
      std::vector<float> all(y.data(lane), y.data(lane) + y.count);
      for (int i = 0; i < lanes; ++i) {
        for (size_t j = 0; j < y.count; ++j) y.gradient(i)[j] = 0.01F * static_cast<float>(j % 11);
      }
      program->backward(run);
      for (const Parameter<float>& parameter : parameters) {
        all.insert(all.end(), parameter.gradients(lane), parameter.gradients(lane) + parameter.count);
      }
      return all;
    };
    for (int lane : {0, 1, 2}) {
      const std::vector<float> alone = results(1, 0, lane, 1);
      CHECK(results(3, lane, 0, 1) == alone);
      CHECK(results(3, lane, 0, 3) == alone);
      CHECK(results(1, 0, lane, 3) == alone);
    }
    CHECK(results(1, 0, 0, 1) != results(1, 0, 1, 1));
  }
}
