#include <cmath>

#include "core/errors.h"
#include "core/inference.h"
#include "core/model.h"
#include "core/sample.h"
#include "fixtures.h"
#include "harness.h"

using namespace deltalab;
using namespace deltalab::testing;

namespace {

constexpr int64_t kChannels = 3;

Graph batchGraph(Shape dims, std::vector<Attribute> attributes, size_t outputs = 1) {
  const OperatorSample sample{{input(std::move(dims)), input({kChannels}), input({kChannels}), constantInput({kChannels}, {0.5, -1, 2}),
                               constantInput({kChannels}, {1, 0.25, 4})},
                              std::move(attributes),
                              outputs};
  return sampleGraph(*findOperator("BatchNormalization", Device::Cpu), sample, 9);
}

struct Moments {
  double mean = 0;
  double biased = 0;
  double count = 0;
};

/** Of one channel of [samples][channels][pixels]. */
Moments momentsOf(const Initializer& x, size_t channel) {
  const size_t pixels = elementCount(x.dims, 2), samples = static_cast<size_t>(x.dims[0]);
  Moments result;
  result.count = static_cast<double>(pixels * samples);
  const auto each = [&](auto f) {
    for (size_t n = 0; n < samples; ++n) {
      for (size_t p = 0; p < pixels; ++p) f(static_cast<double>(x.values[(n * kChannels + channel) * pixels + p]));
    }
  };
  each([&](double value) { result.mean += value / result.count; });
  each([&](double value) { result.biased += (value - result.mean) * (value - result.mean) / result.count; });
  return result;
}

double difference(double a, double b) { return std::fabs(a - b) / std::max(1.0, std::fabs(b)); }

}  // namespace

TEST(normalisation_training_moves_running_statistics_with_the_unbiased_variance) {
  for (const Shape& dims : {Shape{4, kChannels}, Shape{2, kChannels, 5}, Shape{3, kChannels, 7, 9}}) {
    const Graph graph = batchGraph(dims, {number("momentum", 0.8)});
    Model<float> model(graph, 2, 1, true);
    const auto program = model.programFor({}, ProgramMode::Training);
    model.bind(*program);
    const unsigned char active[] = {1, 0};
    Run run{model.pool(), model.workspace(), LaneSet{2, active, 1}};
    program->forward(run);
    const std::vector<Parameter<float>>& parameters = model.parameters().all();
    for (size_t c = 0; c < kChannels; ++c) {
      const Moments moments = momentsOf(graph.initializers[0], c);
      const double unbiased = moments.biased * moments.count / (moments.count - 1);
      const double oldMean = static_cast<double>(graph.initializers[3].values[c]);
      const double oldVariance = static_cast<double>(graph.initializers[4].values[c]);
      CHECK(difference(static_cast<double>(parameters[3].values(0)[c]), 0.8 * oldMean + 0.2 * moments.mean) < 1e-6);
      CHECK(difference(static_cast<double>(parameters[4].values(0)[c]), 0.8 * oldVariance + 0.2 * unbiased) < 1e-6);
      // A lane that does not take part keeps its own.
      CHECK_EQ(static_cast<double>(parameters[3].values(1)[c]), oldMean);
      CHECK_EQ(static_cast<double>(parameters[4].values(1)[c]), oldVariance);
    }
  }
}

TEST(normalisation_with_training_mode_gives_the_running_statistics_of_onnx) {
  const Graph graph = batchGraph({4, kChannels, 5}, {number("training_mode", 1)}, 3);
  const std::vector<NamedTensor> outputs = infer(graph, {}, 1);
  for (size_t c = 0; c < kChannels; ++c) {
    const Moments moments = momentsOf(graph.initializers[0], c);
    const double mean = 0.9 * static_cast<double>(graph.initializers[3].values[c]) + 0.1 * moments.mean;
    const double variance = 0.9 * static_cast<double>(graph.initializers[4].values[c]) + 0.1 * moments.biased;
    CHECK(difference(static_cast<double>(outputs[1].data[c]), mean) < 1e-6);
    CHECK(difference(static_cast<double>(outputs[2].data[c]), variance) < 1e-6);
    // Y has the mean B and the deviation |scale|.
    Initializer y;
    y.dims = outputs[0].dims;
    y.values = outputs[0].data;
    const Moments normal = momentsOf(y, c);
    CHECK(difference(normal.mean, static_cast<double>(graph.initializers[2].values[c])) < 1e-5);
    CHECK(difference(std::sqrt(normal.biased), std::fabs(static_cast<double>(graph.initializers[1].values[c]))) < 1e-4);
  }
}

TEST(normalisation_of_one_value_per_channel_is_refused_while_training) {
  const Graph graph = batchGraph({1, kChannels}, {});
  CHECK_EQ(infer(graph, {}, 1)[0].data.size(), size_t{3});
  std::string code;
  try {
    Model<float>(graph, 1, 1, true).programFor({}, ProgramMode::Training);
  } catch (const EngineError& error) {
    code = error.code();
    CHECK(std::string(error.what()).find("node") != std::string::npos);
  }
  CHECK_EQ(code, "graph.shape");
}

TEST(normalisation_of_large_values_keeps_its_accuracy) {
  // A mean of 1000 and a deviation of 1: squares of sums would lose five digits.
  Graph graph = sampleGraph(*findOperator("LayerNormalization", Device::Cpu), {{input({2, 1000}), input({1000})}, {}, 1}, 4);
  for (float& value : graph.initializers[0].values) value += 1000;
  for (float& value : graph.initializers[1].values) value = 1;
  const std::vector<float>& x = graph.initializers[0].values;
  const std::vector<NamedTensor> outputs = infer(graph, {}, 1);
  for (size_t row = 0; row < 2; ++row) {
    double mean = 0, squares = 0;
    for (size_t i = 0; i < 1000; ++i) mean += static_cast<double>(x[row * 1000 + i]) / 1000;
    for (size_t i = 0; i < 1000; ++i) squares += std::pow(static_cast<double>(x[row * 1000 + i]) - mean, 2) / 1000;
    for (size_t i = 0; i < 1000; ++i) {
      const double expected = (static_cast<double>(x[row * 1000 + i]) - mean) / std::sqrt(squares + 1e-5);
      CHECK(std::fabs(static_cast<double>(outputs[0].data[row * 1000 + i]) - expected) < 1e-4);
    }
  }
}

TEST(normalisation_is_the_same_for_any_number_of_threads) {
  const std::vector<std::pair<const char*, OperatorSample>> cases{
      {"LayerNormalization", {{input({301, 257}), input({257}), input({257})}, {}, 1}},
      {"GroupNormalization", {{input({9, 12, 33, 31}), input({12}), input({12})}, {number("num_groups", 3)}, 1}},
      {"BatchNormalization",
       {{input({9, 5, 33, 31}), input({5}), input({5}), constantInput({5}, {0, 0, 0, 0, 0}), constantInput({5}, {1, 1, 1, 1, 1})},
        {number("training_mode", 1)},
        1}},
      {"BatchNormalization",
       {{input({999, 131}), input({131}), input({131}), constantInput({131}, std::vector<double>(131, 0)),
         constantInput({131}, std::vector<double>(131, 1))},
        {number("training_mode", 1)},
        1}},
      {"Softmax", {{input({301, 257})}, {}, 1}},
      {"LogSoftmax", {{input({17, 30, 201})}, {number("axis", 1)}, 1}},
  };
  for (const auto& [opType, sample] : cases) {
    const Graph graph = sampleGraph(*findOperator(opType, Device::Cpu), sample, 8);
    const Shape shape = sample.inputs[0].dims;
    std::vector<GradientReport> reports;
    for (int threads : {1, 3}) {
      reports.push_back(gradientsOf<float>(graph, {}, std::vector<float>(elementCount(shape), 0.5F), {}, shape, LossKind::Mse, threads));
    }
    CHECK_EQ(reports[0].loss, reports[1].loss);
    for (size_t i = 0; i < reports[0].gradients.size(); ++i) CHECK(reports[0].gradients[i].data == reports[1].gradients[i].data);
  }
}
