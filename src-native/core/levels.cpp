#include "levels.h"

#include <algorithm>
#include <string>
#include <unordered_set>

namespace deltalab {

namespace {

/** Multiply-adds of a level below which waking other threads costs more than it brings: about 10 µs. */
constexpr double kLeastWork = 1 << 17;
/** Multiply-adds of a node which the threads share well enough. */
constexpr double kMostNodeWork = 1 << 22;

/** An estimate of multiply-adds: of products, each value of the output sums as many as the weights have values for it. */
double workOf(const Plan& plan, const PlannedNode& node) {
  const auto count = [&](int value) { return static_cast<double>(elementCount(plan.values[static_cast<size_t>(value)].shape)); };
  double work = 0;
  for (int output : node.outputs) work += output < 0 ? 0 : count(output);
  const std::string type = node.definition->opType;
  const bool sums = type == "Gemm" || type == "MatMul" || type == "Conv" || type == "ConvTranspose" || type == "LSTM" ||
                    type == "GRU" || type == "RNN";
  if (!sums || node.inputs.size() < 2 || node.inputs[1] < 0) return work;
  const Shape& weights = plan.values[static_cast<size_t>(node.inputs[1])].shape;
  return weights.empty() ? work : work * count(node.inputs[1]) / static_cast<double>(weights[0]);
}

/** Whether two nodes of the level overwrite the same running value, or add to the same gradient. */
bool shareWritten(const Plan& plan, const Level& level, bool backward) {
  std::unordered_set<int> written;
  for (size_t i = level.begin; i < level.end; ++i) {
    const PlannedNode& node = plan.nodes[i];
    std::unordered_set<int> own;
    for (size_t j = 0; j < node.inputs.size(); ++j) {
      if (node.inputs[j] < 0) continue;
      const PlannedValue& value = plan.values[static_cast<size_t>(node.inputs[j])];
      const auto& running = node.definition->running;
      const bool writes = backward ? value.differentiable : std::find(running.begin(), running.end(), j) != running.end();
      if (writes) own.insert(value.root);
    }
    for (int root : own) {
      if (!written.insert(root).second) return true;
    }
  }
  return false;
}

bool isWorthwhile(const Plan& plan, const Level& level) {
  double work = 0, most = 0;
  for (size_t i = level.begin; i < level.end; ++i) {
    const double ofNode = workOf(plan, plan.nodes[i]) * plan.lanes;
    work += ofNode;
    most = std::max(most, ofNode);
  }
  return level.end - level.begin > 1 && work >= kLeastWork && most <= kMostNodeWork;
}

}  // namespace

std::vector<Level> orderByLevels(Plan& plan) {
  std::vector<int> madeIn(plan.values.size(), -1);  // by root
  std::vector<std::vector<size_t>> nodesOf;
  for (size_t i = 0; i < plan.nodes.size(); ++i) {
    const auto rootOf = [&](int value) { return static_cast<size_t>(plan.values[static_cast<size_t>(value)].root); };
    int level = 0;
    for (int input : plan.nodes[i].inputs) {
      if (input >= 0) level = std::max(level, madeIn[rootOf(input)] + 1);
    }
    for (int output : plan.nodes[i].outputs) {
      if (output >= 0) madeIn[rootOf(output)] = level;
    }
    if (nodesOf.size() <= static_cast<size_t>(level)) nodesOf.resize(static_cast<size_t>(level) + 1);
    nodesOf[static_cast<size_t>(level)].push_back(i);
  }

  std::vector<PlannedNode> ordered;
  std::vector<Level> levels;
  for (const std::vector<size_t>& nodes : nodesOf) {
    Level level;
    level.begin = ordered.size();
    for (size_t i : nodes) ordered.push_back(std::move(plan.nodes[i]));
    level.end = ordered.size();
    levels.push_back(level);
  }
  plan.nodes = std::move(ordered);
  for (Level& level : levels) {
    level.together = isWorthwhile(plan, level) && !shareWritten(plan, level, false);
    level.togetherBackward = level.together && !shareWritten(plan, level, true);
  }
  return levels;
}

}  // namespace deltalab
