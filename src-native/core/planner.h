#pragma once

#include <memory>
#include <string>
#include <vector>

#include "operator.h"

namespace deltalab {

/** A value of the graph, shape resolved for one batch size. */
struct PlannedValue {
  std::string name;
  Shape shape;
  /** Index of the value whose memory this one shares (itself, unless it is a view). */
  int root = 0;
  /** Index in the graph's initializers, or -1. */
  int initializer = -1;
  /** Index in the graph's inputs, or -1. */
  int input = -1;
  /** Depends on trainable weights or running values: differs between lanes. */
  bool varies = false;
  /** Depends on trainable weights: may have a gradient. */
  bool differentiable = false;
  /** Set on roots: lanes interleaved row by row. */
  bool interleaved = false;
  /** Set on roots: a picture that lies in memory as [batch][y][x][channels]. */
  bool channelsLast = false;
};

struct PlannedNode {
  const GraphNode* node = nullptr;
  const OperatorDefinition* definition = nullptr;
  NodeContext context;
  /** Place in graph.nodes. */
  size_t index = 0;
  /** Indices of values; -1 for an omitted one and for constants, which are read through the context. */
  std::vector<int> inputs;
  /** Indices of values; -1 for an omitted one. The first that is there tells lanes and gradient of all. */
  std::vector<int> outputs;
  int output() const { return outputs[0]; }
  bool varies = false;
  bool differentiable = false;
  Activation activation = Activation::None;
  double activationAlpha = 0;
  /** StepSpec::scale. */
  double scale = 1;
  /** A max-pool that the step of a convolution computes, too. */
  std::optional<Window> pool{};
  bool wide = false;
};

/** The graph in the order of computation for one batch size: views resolved, products fused with their activation, dead nodes gone. */
struct Plan {
  std::vector<PlannedValue> values;
  std::vector<PlannedNode> nodes;
  /** Value of every output of the graph. */
  std::vector<int> outputs;
  int lanes = 1;
  /** What the contexts of the nodes point to. */
  std::vector<std::unique_ptr<Shape>> shapes;

  /** How often the memory of each root is read, by nodes and as an output of the graph; 0 for values that are no roots. */
  std::vector<int> readers() const;
  /** Takes out the nodes that are marked; the others keep their order. */
  void remove(const std::vector<bool>& gone);
};

/**
 * Plans `graph` for inputs of these shapes (in the order of graph.inputs). The graph must outlive the plan. On a card all lanes lie one after
 * another.
 * Throws 'graph.cycle', 'graph.operator', 'graph.value', 'graph.shape' or 'graph.attribute', each naming the node.
 */
Plan planGraph(const Graph& graph, const std::vector<Shape>& inputShapes, int lanes, ProgramMode mode, Device device = Device::Cpu);

}  // namespace deltalab
