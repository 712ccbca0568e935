#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

#include "core/errors.h"
#include "core/inference.h"
#include "core/model.h"
#include "core/sample.h"
#include "fixtures.h"
#include "harness.h"

// Values of the operators that move, join, reduce and look up elements, where gradients alone would not notice a wrong place; and
// that pieces of work, threads and lanes change no bit.

using namespace deltalab;
using namespace deltalab::testing;

namespace {

/** 0, 1, 2, … */
std::vector<float> counting(size_t count) {
  std::vector<float> values(count);
  for (size_t i = 0; i < count; ++i) values[i] = static_cast<float>(i);
  return values;
}

Initializer floats(const std::string& name, Shape dims, std::vector<float> values) {
  Initializer result;
  result.name = name;
  result.dims = std::move(dims);
  result.values = std::move(values);
  return result;
}

/** One node on the input "x" and further initializers. */
struct OneNode {
  std::string opType;
  std::vector<Attribute> attributes{};
  std::vector<Initializer> initializers{};
  size_t outputs = 1;

  Graph graph(Shape shape) const {
    Graph graph;
    graph.inputs = {{"x", std::move(shape)}};
    GraphNode only{"n", opType, {"x"}, {}, attributes};
    for (const Initializer& item : initializers) {
      only.inputs.push_back(item.name);
      if (!item.name.empty()) graph.initializers.push_back(item);
    }
    for (size_t i = 0; i < outputs; ++i) {
      only.outputs.push_back("y" + std::to_string(i));
      graph.outputs.push_back({only.outputs.back(), {}});
    }
    graph.nodes = {only};
    return graph;
  }

  std::vector<NamedTensor> run(const Shape& shape, std::vector<float> values, int threads = 1) const {
    return infer(graph(shape), {{"x", shape, std::move(values)}}, threads);
  }

  /** On 0, 1, 2, … of this shape. */
  std::vector<float> values(const Shape& shape) const { return run(shape, counting(elementCount(shape)))[0].data; }

  std::string code(const Shape& shape) const {
    try {
      run(shape, counting(elementCount(shape)));
    } catch (const EngineError& error) {
      return error.code();
    }
    return "";
  }
};

using Floats = std::vector<float>;

Attribute axis(int value) { return number("axis", value); }
Initializer list(const std::string& name, std::vector<int64_t> values) { return constant(name, std::move(values)); }

}  // namespace

TEST(shape_ops_slice_follows_onnx) {
  const auto slice = [](std::vector<int64_t> starts, std::vector<int64_t> ends, std::vector<int64_t> steps) {
    return OneNode{"Slice", {}, {list("s", starts), list("e", ends), list("a", {0}), list("t", steps)}};
  };
  constexpr int64_t kMost = std::numeric_limits<int64_t>::max(), kLeast = std::numeric_limits<int64_t>::min();
  CHECK(slice({1}, {4}, {1}).values({6}) == (Floats{1, 2, 3}));
  CHECK(slice({-3}, {kMost}, {1}).values({6}) == (Floats{3, 4, 5}));
  CHECK(slice({0}, {kMost}, {4}).values({6}) == (Floats{0, 4}));
  CHECK(slice({-1}, {kLeast}, {-2}).values({6}) == (Floats{5, 3, 1}));
  CHECK(slice({kMost}, {-7}, {-1}).values({3}) == (Floats{2, 1, 0}));
  CHECK(slice({4}, {0}, {-1}).values({6}) == (Floats{4, 3, 2, 1}));
  CHECK(slice({0}, {6}, {kMost}).values({6}) == (Floats{0}));
  CHECK(slice({5}, {kLeast}, {kLeast}).values({6}) == (Floats{5}));
  CHECK_EQ(slice({4}, {2}, {1}).code({6}), "graph.shape");
  CHECK_EQ(slice({0}, {2}, {0}).code({6}), "graph.shape");
  const OneNode twoAxes{"Slice", {}, {list("s", {1, -1}), list("e", {3, -100}), list("a", {0, 2}), list("t", {1, -1})}};
  CHECK(twoAxes.values({3, 1, 2}) == (Floats{3, 2, 5, 4}));
}

TEST(shape_ops_split_and_concat_undo_each_other) {
  const OneNode uneven{"Split", {axis(-1), number("num_outputs", 3)}, {}, 3};
  const auto parts = uneven.run({2, 7}, counting(14));
  CHECK(parts[0].dims == (Shape{2, 3}) && parts[2].dims == (Shape{2, 1}));
  CHECK(parts[1].data == (Floats{3, 4, 5, 10, 11, 12}));
  CHECK(parts[2].data == (Floats{6, 13}));
  CHECK_EQ((OneNode{"Split", {axis(0)}, {list("split", {2, 2})}, 2}).code({5}), "graph.shape");
  CHECK_EQ((OneNode{"Split", {axis(0), number("num_outputs", 4)}, {}, 4}).code({5}), "graph.shape");  // 2, 2, 1, 0
  const OneNode joined{"Concat", {axis(1)}, {floats("b", {2, 1}, {90, 91})}};
  CHECK(joined.values({2, 2}) == (Floats{0, 1, 90, 2, 3, 91}));
  CHECK_EQ(joined.code({3, 2}), "graph.shape");
}

TEST(shape_ops_pad_follows_numpy) {
  const auto pad = [](const char* mode, std::vector<int64_t> pads) { return OneNode{"Pad", {text("mode", mode)}, {list("p", pads)}}; };
  CHECK(pad("constant", {1, 2}).values({3}) == (Floats{0, 0, 1, 2, 0, 0}));
  CHECK(pad("constant", {-1, 1}).values({3}) == (Floats{1, 2, 0}));
  CHECK(pad("edge", {2, 1}).values({3}) == (Floats{0, 0, 0, 1, 2, 2}));
  CHECK(pad("wrap", {2, 4}).values({3}) == (Floats{1, 2, 0, 1, 2, 0, 1, 2, 0}));
  CHECK(pad("reflect", {2, 2}).values({3}) == (Floats{2, 1, 0, 1, 2, 1, 0}));
  CHECK(pad("reflect", {0, 5}).values({3}) == (Floats{0, 1, 2, 1, 0, 1, 2, 1}));
  CHECK(pad("reflect", {1, 0, 0, 1}).values({2, 2}) == (Floats{2, 3, 2, 0, 1, 0, 2, 3, 2}));
  CHECK_EQ(pad("constant", {-2, -1}).code({3}), "graph.shape");
  CHECK_EQ(pad("mirror", {1, 1}).code({3}), "graph.attribute");
}

TEST(shape_ops_gather_refuses_what_is_not_there) {
  const OneNode known{"Gather", {}, {list("i", {2, -3, 0})}};
  CHECK(known.values({3, 2}) == (Floats{4, 5, 0, 1, 0, 1}));
  CHECK_EQ((OneNode{"Gather", {}, {list("i", {3})}}).code({3, 2}), "graph.shape");

  // Indices that come from data are looked at when they come.
  Graph graph;
  graph.inputs = {{"i", {-1}}};
  graph.initializers = {floats("table", {3, 2}, counting(6))};
  graph.nodes = {node("n", "Gather", {"table", "i"})};
  graph.outputs = {{"n.out", {}}};
  CHECK(infer(graph, {{"i", {2}, {1, -1}}}, 1)[0].data == (Floats{2, 3, 4, 5}));
  for (float wrong : {3.0F, -4.0F, 0.5F, std::numeric_limits<float>::quiet_NaN()}) {
    std::string code;
    try {
      infer(graph, {{"i", {2}, {0, wrong}}}, 1);
    } catch (const EngineError& error) {
      code = error.code();
    }
    CHECK_EQ(code, "graph.value");
  }
}

TEST(shape_ops_reductions_keep_nan_and_big_sums) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const OneNode largest{"ReduceMax", {number("keepdims", 0)}, {list("a", {1})}};
  const auto result = largest.run({2, 3}, {1, nan, 2, -5, -4, -6})[0].data;
  CHECK(std::isnan(result[0]) && result[1] == -4);
  // 1 + 2^-24 a million times: lost in a float sum.
  std::vector<float> values(1 << 20, 1.0F / (1 << 24));
  values[0] = 1;
  const OneNode sum{"ReduceSum", {number("keepdims", 0)}, {}};
  CHECK(std::fabs(sum.run({1 << 20}, values)[0].data[0] - 1.0625F) < 1e-6F);
  const OneNode nothing{"ReduceMean", {number("noop_with_empty_axes", 1)}, {}};
  CHECK(nothing.values({2, 2}) == counting(4));
  CHECK_EQ((OneNode{"ReduceSum", {}, {list("a", {2})}}).code({2, 2}), "graph.shape");
  CHECK_EQ((OneNode{"ReduceSum", {}, {list("a", {1, -1})}}).code({2, 2}), "graph.shape");
}

TEST(shape_ops_transpose_of_every_order_and_size) {
  for (const Shape& shape : {Shape{3, 5, 2, 4}, Shape{1, 33, 17, 2}, Shape{70, 3, 1, 35}}) {
    const std::vector<float> x = counting(elementCount(shape));
    std::vector<double> order{0, 1, 2, 3};
    do {
      const OneNode transpose{"Transpose", {numbers("perm", order)}, {}};
      const NamedTensor y = transpose.run(shape, x, 2)[0];
      size_t wrong = 0;
      for (size_t i = 0; i < y.data.size(); ++i) {
        size_t rest = i, from = 0;
        for (size_t d = 4; d-- > 0;) {
          const size_t source = static_cast<size_t>(order[d]);
          const size_t index = rest % static_cast<size_t>(y.dims[d]);
          rest /= static_cast<size_t>(y.dims[d]);
          from += index * elementCount(shape, source + 1);
        }
        wrong += y.data[i] != x[from] ? 1 : 0;
      }
      CHECK_EQ(wrong, size_t{0});
    } while (std::next_permutation(order.begin(), order.end()));
  }
  CHECK_EQ((OneNode{"Transpose", {numbers("perm", {0, 0})}, {}}).code({2, 2}), "graph.attribute");
}

namespace {

/** Output, and gradients of all weights, of `graph` at random targets. */
std::vector<float> everything(const Graph& graph, const Shape& x, const Shape& y, int threads) {
  Generator generator(9);
  std::vector<float> input(elementCount(x)), target(elementCount(y));
  generator.uniform(input.data(), input.size(), -1, 1);
  generator.uniform(target.data(), target.size(), -1, 1);
  std::vector<float> all = infer(graph, {{"x", x, input}}, threads)[0].data;
  const GradientReport report = gradientsOf<float>(graph, {{"x", x, input}}, target, {}, y, LossKind::Mse, threads);
  for (const NamedTensor& gradient : report.gradients) all.insert(all.end(), gradient.data.begin(), gradient.data.end());
  return all;
}

struct BigCase {
  std::string opType;
  Shape x;
  std::vector<Shape> weights;
  Shape y;
  std::vector<Attribute> attributes{};
};

}  // namespace

TEST(shape_ops_threads_change_no_bit) {
  Generator generator(3);
  const BigCase cases[] = {
      {"Add", {2, 5, 130, 131}, {{5, 1, 1}}, {2, 5, 130, 131}},
      {"Mul", {90, 2, 700}, {{2, 700}}, {90, 2, 700}},
      {"Pow", {300, 401}, {{300, 1}}, {300, 401}},
      {"Max", {90, 701}, {{90, 701}, {701}}, {90, 701}},
      {"Concat", {90, 701}, {{90, 350}}, {90, 1051}, {axis(1)}},
      {"PRelu", {3, 7, 50, 50}, {{7, 1, 1}}, {3, 7, 50, 50}},
      {"MatMul", {6, 30, 40}, {{6, 40, 50}}, {6, 30, 50}},
      {"MatMul", {6, 30, 40}, {{40, 50}}, {6, 30, 50}},
  };
  for (const BigCase& item : cases) {
    OneNode one{item.opType, item.attributes, {}};
    for (size_t i = 0; i < item.weights.size(); ++i) {
      one.initializers.push_back(initializer("w" + std::to_string(i), item.weights[i], generator, 0.5F, 2));
    }
    Graph graph = one.graph(item.x);
    graph.outputs[0].dims = item.y;
    const std::vector<float> alone = everything(graph, item.x, item.y, 1);
    CHECK(alone.size() > elementCount(item.y));
    for (int threads : {2, 3}) {
      const std::vector<float> together = everything(graph, item.x, item.y, threads);
      if (std::memcmp(alone.data(), together.data(), alone.size() * sizeof(float)) != 0) fail(item.opType.c_str(), threads, "differs");
    }
  }
}

TEST(shape_ops_threads_change_no_bit_of_reductions) {
  Generator generator(4);
  for (const char* opType : {"ReduceSum", "ReduceMean", "ReduceMax", "ReduceMin"}) {
    for (int64_t along : {0, 1, 2}) {
      // A weight under the reduction, so that its gradient is looked at as well.
      Graph graph;
      graph.inputs = {{"x", {1}}};
      graph.initializers = {initializer("w", {31, 50, 67}, generator), list("axes", {along})};
      graph.nodes = {node("r", opType, {"w", "axes"}), node("y", "Mul", {"r.out", "x"})};
      Shape y{31, 50, 67};
      y[static_cast<size_t>(along)] = 1;
      graph.outputs = {{"y.out", y}};
      const std::vector<float> alone = everything(graph, {1}, y, 1);
      const std::vector<float> together = everything(graph, {1}, y, 2);
      if (std::memcmp(alone.data(), together.data(), alone.size() * sizeof(float)) != 0) fail(opType, static_cast<int>(along), "differs");
    }
  }
}

TEST(shape_ops_equal_extremes_share_the_gradient) {
  // y = max(a, a') and y = reduce max, with equal values: half of the gradient each.
  Graph graph;
  graph.inputs = {{"x", {1, -1}}};
  graph.initializers = {floats("a", {1, 2}, {3, 1}), floats("b", {1, 2}, {3, 2})};
  graph.nodes = {node("larger", "Max", {"a", "b"}), node("y", "Mul", {"larger.out", "x"})};
  graph.outputs = {{"y.out", {}}};
  auto report = gradientsOf<double>(graph, {{"x", {1, 2}, {1, 1}}}, {1, 1}, {}, {1, 2}, LossKind::Mse, 1);
  CHECK(report.gradients[0].data == (Floats{1, 0}));
  CHECK(report.gradients[1].data == (Floats{1, 1}));

  graph.initializers = {floats("a", {1, 4}, {3, 1, 3, 3})};
  graph.nodes = {node("larger", "ReduceMax", {"a"}), node("y", "Mul", {"larger.out", "x"})};
  report = gradientsOf<double>(graph, {{"x", {1, 1}, {1}}}, {0}, {}, {1, 1}, LossKind::Mse, 1);
  CHECK(report.gradients[0].data == (Floats{2, 0, 2, 2}));
}
