#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "shape.h"

namespace deltalab {

/** The C++ side of shared/network/graph.ts: an ONNX graph as plain data. */

struct Attribute {
  enum class Kind { Number, Text, Numbers, Texts };
  std::string name;
  Kind kind = Kind::Number;
  double number = 0;
  std::string text;
  std::vector<double> numbers;
  std::vector<std::string> texts;
};

struct GraphNode {
  std::string name;
  std::string opType;
  /** Value names; an empty one is an omitted optional input. */
  std::vector<std::string> inputs;
  std::vector<std::string> outputs;
  std::vector<Attribute> attributes;
};

struct Initializer {
  std::string name;
  Shape dims;
  bool integer = false;
  std::vector<float> values;
  std::vector<int64_t> integers;
  bool frozen = false;

  bool trainable() const { return !integer && !frozen; }
};

struct GraphValue {
  std::string name;
  /** -1 is the batch, always the first. */
  Shape dims;
};

struct Graph {
  std::string name;
  std::vector<GraphNode> nodes;
  std::vector<Initializer> initializers;
  std::vector<GraphValue> inputs;
  std::vector<GraphValue> outputs;
};

}  // namespace deltalab
