#include "sample.h"

#include <cmath>

#include "random.h"

namespace deltalab {

namespace {

std::string numbered(const char* word, size_t index) { return word + std::to_string(index); }

Initializer initializerOf(const SampleInput& input, const std::string& name, Generator& generator) {
  Initializer result;
  result.name = name;
  result.dims = input.dims;
  result.integer = input.role == SampleInput::Role::Integers;
  result.frozen = input.role != SampleInput::Role::Value;
  if (result.integer) {
    for (double value : input.values) result.integers.push_back(static_cast<int64_t>(value));
  } else if (!input.values.empty()) {
    result.values.assign(input.values.begin(), input.values.end());
  } else {
    result.values.resize(elementCount(input.dims));
    generator.uniform(result.values.data(), result.values.size(), static_cast<float>(input.low), static_cast<float>(input.high));
    for (float& value : result.values) {
      if (std::fabs(value) < 0.05F) value = input.low <= 0.3 && input.high >= 0.3 ? 0.3F : static_cast<float>(input.low);
    }
  }
  return result;
}

}  // namespace

Attribute number(const char* name, double value) {
  Attribute attribute;
  attribute.name = name;
  attribute.number = value;
  return attribute;
}

Attribute numbers(const char* name, std::vector<double> values) {
  Attribute attribute;
  attribute.name = name;
  attribute.kind = Attribute::Kind::Numbers;
  attribute.numbers = std::move(values);
  return attribute;
}

Attribute text(const char* name, const char* value) {
  Attribute attribute;
  attribute.name = name;
  attribute.kind = Attribute::Kind::Text;
  attribute.text = value;
  return attribute;
}

Attribute texts(const char* name, std::vector<std::string> values) {
  Attribute attribute;
  attribute.name = name;
  attribute.kind = Attribute::Kind::Texts;
  attribute.texts = std::move(values);
  return attribute;
}

Graph sampleGraph(const OperatorDefinition& definition, const OperatorSample& sample, uint64_t seed) {
  Generator generator(seed);
  Graph graph;
  graph.name = "sample";
  GraphNode node;
  node.name = "node";
  node.opType = definition.opType;
  node.attributes = sample.attributes;
  for (size_t i = 0; i < sample.inputs.size(); ++i) {
    const bool omitted = sample.inputs[i].role == SampleInput::Role::Omitted;
    node.inputs.push_back(omitted ? "" : numbered("input", i));
    if (!omitted) graph.initializers.push_back(initializerOf(sample.inputs[i], node.inputs.back(), generator));
  }
  for (size_t i = 0; i < sample.outputs; ++i) {
    node.outputs.push_back(numbered("output", i));
    graph.outputs.push_back({node.outputs.back(), {}});
  }
  graph.nodes.push_back(std::move(node));
  return graph;
}

}  // namespace deltalab
