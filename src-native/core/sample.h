#pragma once

#include <initializer_list>
#include <vector>

#include "operator.h"

namespace deltalab {

/** An input of a sample. */
struct SampleInput {
  enum class Role {
    /** Float values, which the gradient is taken of. */
    Value,
    /** Float values that an operator wants constant, or that have no gradient. */
    Constant,
    /** int64 values. */
    Integers,
    /** An optional input that is left out. */
    Omitted,
  };
  Role role = Role::Value;
  Shape dims;
  /** In this order; drawn from [low, high) where empty. */
  std::vector<double> values;
  double low = -2;
  double high = 2;
};

/**
 * One way to use an operator. Suites that walk the operator table (gradients, PyTorch, export) try every one of them, so a new
 * operator is covered by giving it samples. Odd sizes show mistakes that round ones hide.
 */
struct OperatorSample {
  std::vector<SampleInput> inputs{};
  std::vector<Attribute> attributes{};
  /** Outputs that the node names. */
  size_t outputs = 1;
};

inline SampleInput input(Shape dims, double low = -2, double high = 2) {
  return {SampleInput::Role::Value, std::move(dims), {}, low, high};
}
inline SampleInput constantInput(Shape dims, std::vector<double> values) {
  return {SampleInput::Role::Constant, std::move(dims), std::move(values), 0, 0};
}
inline SampleInput integerInput(Shape dims, std::vector<double> values) {
  return {SampleInput::Role::Integers, std::move(dims), std::move(values), 0, 0};
}
/** A list of int64. */
inline SampleInput integerInput(std::vector<double> values) {
  const int64_t count = static_cast<int64_t>(values.size());
  return integerInput(Shape{count}, std::move(values));
}
inline SampleInput omittedInput() { return {SampleInput::Role::Omitted, {}, {}, 0, 0}; }

Attribute number(const char* name, double value);
Attribute numbers(const char* name, std::vector<double> values);
Attribute text(const char* name, const char* value);
Attribute texts(const char* name, std::vector<std::string> values);

/**
 * The sample as a graph of one node, "node", with the inputs "input0", "input1"… as initializers (int64 and constant ones frozen) and
 * the outputs "output0", …; the graph itself has no inputs. Values follow from `seed`; none is within 0.05 of 0, where many functions have a kink.
 */
Graph sampleGraph(const OperatorDefinition& definition, const OperatorSample& sample, uint64_t seed);

}  // namespace deltalab
