#include <cmath>
#include <limits>

#include "../backend.h"
#include "../reducer.h"
#include "core/sample.h"
#include "parity.h"

// Sizes that samples do not have: lines beyond a warp, a group of threads, a block and a part of a reduction, side by side and one after another;
// and values that are no numbers.

using namespace deltalab;
using namespace deltalab::testing;

namespace {

const float kInfinity = std::numeric_limits<float>::infinity();
const float kNaN = std::numeric_limits<float>::quiet_NaN();

Graph graphOf(const char* opType, OperatorSample sample) { return sampleGraph(*findOperator(opType, Device::Cpu), sample, 7); }

void compareAt(const std::string& name, const Graph& graph) {
  cuda::CudaBackend device(0);
  compareWithProcessor(name, graph, graph.outputs.size(), 2, ProgramMode::Training, device);
}

/** Shapes, and the axes that are reduced. */
struct Reduced {
  Shape shape;
  std::vector<double> axes;
};

const Reduced kReduced[] = {
  {{1, 9}, {1}},        {{300, 16}, {1}},     {{9, 700}, {1}},          {{2, 4097}, {1}},         {{1, 9001}, {1}},
  {{17, 300}, {0}},     {{9001, 3}, {0}},     {{600, 40}, {0}},         {{5, 130, 40}, {1}},      {{3, 2100, 2}, {1}},
  {{4, 9, 37, 11}, {0, 2}}, {{4, 9, 37, 11}, {1, 3}}, {{2, 3, 4, 5, 6}, {1, 3}}, {{3, 1, 50}, {0, 1, 2}},
};

/** The sums of many values of both signs would hang on their last bits. */
SampleInput positive(const Shape& shape) { return input(shape, 0.25, 1); }

/** Σ (term + i). */
struct Counting {
  double* to;

  __device__ cuda::Sums<1> term(int, size_t i, size_t term) const { return {{static_cast<double>(term + i)}}; }
  __device__ void store(int lane, size_t i, const cuda::Sums<1>& sums) const { to[static_cast<size_t>(lane) * 3 + i] = sums.of[0]; }
};

}  // namespace

TEST(cuda_reductions_of_any_size_equal_those_of_the_processor) {
  for (const char* opType : {"ReduceMean", "ReduceMax", "ReduceL2", "ReduceLogSumExp"}) {
    for (const Reduced& reduced : kReduced) {
      compareAt(std::string(opType) + " of " + toText(reduced.shape), graphOf(opType, {{positive(reduced.shape), integerInput(reduced.axes)}}));
    }
  }
  // So many parts that they, too, are shared by a group of threads.
  compareAt("ReduceMean of a long row", graphOf("ReduceMean", {{positive({1, 70001}), integerInput({1})}}));
}

TEST(cuda_products_of_long_lines_have_the_gradient_of_their_zeros) {
  for (const Shape& shape : {Shape{4, 9000}, Shape{9000, 4}}) {
    const bool across = shape[1] == 4;
    Graph graph = graphOf("ReduceProd", {{input(shape, 0.999, 1.001), integerInput({across ? 0.0 : 1.0})}});
    std::vector<float>& x = graph.initializers[0].values;
    const auto place = [&](size_t line, size_t at) { return across ? at * 4 + line : line * 9000 + at; };
    // A zero alone, two in different parts, two side by side.
    x[place(1, 8999)] = 0;
    x[place(2, 0)] = x[place(2, 8000)] = 0;
    x[place(3, 17)] = x[place(3, 18)] = 0;
    compareAt("products of " + toText(shape), graph);
  }
}

TEST(cuda_extremes_of_long_lines_share_their_gradient_and_pass_on_what_is_no_number) {
  for (const char* opType : {"ReduceMax", "ReduceMin"}) {
    Graph graph = graphOf(opType, {{input({3, 9000}), integerInput({1})}});
    std::vector<float>& x = graph.initializers[0].values;
    for (size_t i = 0; i < x.size(); ++i) x[i] = static_cast<float>(i % 7);
    x[9000 + 8000] = kNaN;
    x[2 * 9000 + 5] = -kInfinity;
    compareAt(opType, graph);
  }
}

TEST(cuda_places_of_extremes_are_those_of_the_processor_in_any_line) {
  for (const char* opType : {"ArgMax", "ArgMin"}) {
    for (double last : {0.0, 1.0}) {
      for (const Shape& shape : {Shape{5, 9}, Shape{5, 700}, Shape{5, 9001}, Shape{5, 700, 3}, Shape{5, 300, 40}}) {
        Graph graph = graphOf(opType, {{input(shape)}, {number("axis", 1), number("select_last_index", last)}});
        std::vector<float>& x = graph.initializers[0].values;
        const size_t size = static_cast<size_t>(shape[1]), inner = shape.size() > 2 ? static_cast<size_t>(shape[2]) : 1;
        for (size_t i = 0; i < x.size(); ++i) x[i] = static_cast<float>(i * i % 11);
        const auto at = [&](size_t line, size_t place) -> float& { return x[(line * size + place) * inner]; };
        at(1, 0) = kNaN;
        at(2, size / 2) = kNaN;
        at(3, size - 1) = kInfinity;
        at(3, 1) = -kInfinity;
        for (size_t i = 0; i < size; ++i) at(4, i) = -kInfinity;
        compareAt(std::string(opType) + " of " + toText(shape), graph);
      }
    }
  }
}

TEST(cuda_softmax_of_any_line_equals_the_processors) {
  for (const char* opType : {"Softmax", "LogSoftmax"}) {
    for (int64_t size : {1, 32, 33, 129, 385, 1024, 1025, 9001}) {
      compareAt(std::string(opType) + " of " + std::to_string(size), graphOf(opType, {{input({3, size}, -4, 4)}}));
    }
    compareAt(std::string(opType) + " of many rows", graphOf(opType, {{input({301, 10}, -4, 4)}}));
    for (const Shape& shape : {Shape{3, 300, 7}, Shape{2, 2100, 3}, Shape{7, 12, 50}}) {
      compareAt(std::string(opType) + " of " + toText(shape), graphOf(opType, {{input(shape, -4, 4)}, {number("axis", 1)}}));
    }
  }
}

TEST(cuda_softmax_of_infinities_is_that_of_the_processor) {
  for (int64_t size : {40, 1500}) {
    Graph graph = graphOf("Softmax", {{input({5, size}, -4, 4)}});
    std::vector<float>& x = graph.initializers[0].values;
    const size_t n = static_cast<size_t>(size);
    // A row that begins with a mask, one that is all mask, one with an infinity, one with what is no number.
    for (size_t i = 0; i < n; ++i) {
      if (i % 3 != 1) x[i] = -kInfinity;
      x[n + i] = -kInfinity;
    }
    x[2 * n + 39] = kInfinity;
    x[3 * n + 7] = kNaN;
    cuda::CudaBackend device(0);
    compareWithProcessor("infinities in rows of " + std::to_string(size), graph, 1, 1, ProgramMode::Inference, device);
  }
}

TEST(cuda_softmax_takes_scale_and_mask_over) {
  for (const Shape& shape : {Shape{2, 3, 4, 50}, Shape{2, 2, 3, 1100}}) {
    Graph graph = graphOf("Softmax", {{input(shape, -4, 4)}});
    Initializer factor, mask;
    factor.name = "factor";
    factor.values = {0.125F};
    mask.name = "mask";
    mask.dims = {shape[2], shape[3]};
    for (size_t i = 0; i < elementCount(mask.dims); ++i) mask.values.push_back(i % 7 == 3 ? -1e9F : 0.1F * static_cast<float>(i % 5));
    factor.frozen = mask.frozen = true;
    graph.initializers.push_back(factor);
    graph.initializers.push_back(mask);
    GraphNode scaled, masked;
    scaled.name = "scaled";
    scaled.opType = "Mul";
    scaled.inputs = {graph.nodes[0].inputs[0], "factor"};
    scaled.outputs = {"scaled.out"};
    masked.name = "masked";
    masked.opType = "Add";
    masked.inputs = {"scaled.out", "mask"};
    masked.outputs = {"masked.out"};
    graph.nodes[0].inputs[0] = "masked.out";
    graph.nodes.insert(graph.nodes.begin(), {scaled, masked});
    CHECK(planGraph(graph, {}, 1, ProgramMode::Training, Device::Cuda).nodes.size() == 1);
    compareAt("scores " + toText(shape), graph);
  }
}

TEST(cuda_gradients_of_spread_inputs_are_sums_over_what_they_were_spread_to) {
  const Shape pairs[][2] = {{{3000, 5}, {5}}, {{5, 3000}, {5, 1}}, {{70, 40, 3}, {1, 40, 1}}, {{9001}, {}}, {{3, 1, 40}, {1, 700, 1}}};
  for (const char* opType : {"Add", "Mul"}) {
    for (const auto& [a, b] : pairs) {
      compareAt(std::string(opType) + " of " + toText(a) + " and " + toText(b), graphOf(opType, {{positive(a), positive(b)}}));
      compareAt(std::string(opType) + " of " + toText(b) + " and " + toText(a), graphOf(opType, {{positive(b), positive(a)}}));
    }
  }
  for (const char* opType : {"Sum", "Mean", "Max", "Min"}) {
    compareAt(opType, graphOf(opType, {{positive({700, 5}), positive({5}), positive({700, 1}), positive({})}}));
  }
  for (const Shape& c : {Shape{40}, Shape{300, 1}, Shape{}}) {
    const Attribute beta = number("beta", c.size() == 1 ? 1 : 0.5);
    compareAt("Gemm with " + toText(c), graphOf("Gemm", {{positive({300, 3}), positive({3, 40}), positive(c)}, {beta}}));
  }
  // Equal inputs share the gradient, wherever they were spread from.
  Graph ties = graphOf("Max", {{input({700, 5}), input({5}), input({700, 1})}});
  for (Initializer& each : ties.initializers) {
    for (size_t i = 0; i < each.values.size(); ++i) each.values[i] = static_cast<float>(i * i % 3);
  }
  compareAt("Max of equal inputs", ties);
  std::vector<double> rows;
  for (int i = 0; i < 700; ++i) rows.push_back(i * i % 5 % 2);
  compareAt("Where", graphOf("Where", {{integerInput({700, 1}, rows), positive({5}), positive({700, 5})}}));
}

TEST(cuda_running_sums_of_long_lines_equal_those_of_the_processor) {
  for (double reverse : {0.0, 1.0}) {
    for (const Shape& shape : {Shape{3, 64}, Shape{3, 65}, Shape{1, 40001}, Shape{2, 700, 3}}) {
      compareAt("CumSum of " + toText(shape),
                graphOf("CumSum", {{positive(shape), integerInput({}, {1})}, {number("exclusive", 1 - reverse), number("reverse", reverse)}}));
    }
  }
}

TEST(cuda_casts_cut_fractions_off_and_pass_no_gradient_then) {
  for (double to : {1.0, 6.0, 7.0, 9.0, 11.0}) {
    Graph graph = graphOf("Cast", {{input({3, 5})}, {number("to", to)}});
    graph.initializers[0].values[4] = 0;
    compareAt("Cast to " + std::to_string(to), graph);
  }
}

TEST(cuda_reductions_of_a_lane_are_those_of_the_lone_lane_bit_for_bit) {
  const std::pair<const char*, Graph> graphs[] = {
    {"ReduceSum", graphOf("ReduceSum", {{input({2, 9000}), integerInput({1})}})},
    {"Softmax", graphOf("Softmax", {{input({2, 5000}, -4, 4)}})},
    {"short Softmax", graphOf("Softmax", {{input({2, 500}, -4, 4)}})},
    {"CumSum", graphOf("CumSum", {{input({2, 900}), integerInput({}, {1})}})},
  };
  cuda::CudaBackend device(0);
  for (const auto& [name, graph] : graphs) {
    const Answers alone = Trial(graph, 1, ProgramMode::Training, &device).run(1, true);
    const Answers together = Trial(graph, 5, ProgramMode::Training, &device).run(1, true);
    CHECK(alone.outputs[0] == together.outputs[0]);
    CHECK(alone.gradients[0] == together.gradients[0]);
  }
}

TEST(cuda_a_reduction_by_several_blocks_can_be_asked_for_again) {
  cuda::Stream stream(0);
  constexpr size_t kTerms = 30000;
  for (size_t neighbours : {size_t{1}, size_t{3}}) {
    const cuda::ReductionShape shape = cuda::ReductionShape::of(3, kTerms, neighbours);
    CHECK(shape.parts > 1);
    const cuda::Reducer<cuda::Sums<1>> reducer(stream, 2, shape);
    const cuda::DeviceMemory<double> sums(stream, 6);
    for (int time = 0; time < 3; ++time) {
      stream.clear(sums.data(), 6 * sizeof(double));
      reducer.run(cuda::Summing<1, Counting>{{sums.data()}});
      std::vector<double> got(6);
      stream.copyFrom(got.data(), sums.data(), 6 * sizeof(double));
      for (size_t at = 0; at < 6; ++at) CHECK_EQ(got[at], static_cast<double>(kTerms * (kTerms - 1) / 2 + at % 3 * kTerms));
    }
  }
}
