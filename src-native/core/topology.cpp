#include "topology.h"

#include <algorithm>
#include <functional>
#include <queue>

#include "errors.h"

namespace deltalab {

namespace {

[[noreturn]] void failDuplicate(const std::string& value) {
  throw EngineError("graph.value", "The value " + value + " is defined twice",
                    {{"value", value}, {"node", std::string()}, {"reason", std::string("it is defined twice")}});
}

/** Follows unfinished predecessors until a node repeats: that stretch is a cycle. */
[[noreturn]] void failCycle(const Graph& graph, const std::unordered_map<std::string, int>& producers,
                            const std::vector<int>& waiting) {
  const size_t count = graph.nodes.size();
  size_t current = 0;
  while (waiting[current] == 0) ++current;
  std::vector<size_t> path;
  std::vector<bool> seen(count, false);
  while (!seen[current]) {
    seen[current] = true;
    path.push_back(current);
    for (const std::string& input : graph.nodes[current].inputs) {
      const auto producer = producers.find(input);
      if (producer != producers.end() && waiting[static_cast<size_t>(producer->second)] > 0) {
        current = static_cast<size_t>(producer->second);
        break;
      }
    }
  }
  std::vector<std::string> layers;
  for (auto at = std::find(path.begin(), path.end(), current); at != path.end(); ++at) {
    layers.push_back(graph.nodes[*at].name);
  }
  std::reverse(layers.begin(), layers.end());
  std::string text;
  for (const std::string& layer : layers) text += (text.empty() ? "" : ", ") + layer;
  throw EngineError("graph.cycle", "The layers " + text + " form a cycle", {{"layers", layers}});
}

}  // namespace

std::unordered_map<std::string, int> producersOf(const Graph& graph) {
  std::unordered_map<std::string, int> producers;
  for (size_t i = 0; i < graph.nodes.size(); ++i) {
    for (const std::string& output : graph.nodes[i].outputs) {
      if (!output.empty() && !producers.emplace(output, static_cast<int>(i)).second) failDuplicate(output);
    }
  }
  return producers;
}

std::vector<int> topologicalOrder(const Graph& graph) {
  const auto producers = producersOf(graph);
  const size_t count = graph.nodes.size();
  std::vector<int> waiting(count, 0);
  std::vector<std::vector<int>> readers(count);
  for (size_t i = 0; i < count; ++i) {
    for (const std::string& input : graph.nodes[i].inputs) {
      const auto producer = producers.find(input);
      if (producer == producers.end()) continue;
      ++waiting[i];
      readers[static_cast<size_t>(producer->second)].push_back(static_cast<int>(i));
    }
  }
  std::priority_queue<int, std::vector<int>, std::greater<>> ready;
  for (size_t i = 0; i < count; ++i) {
    if (waiting[i] == 0) ready.push(static_cast<int>(i));
  }
  std::vector<int> order;
  while (!ready.empty()) {
    const int index = ready.top();
    ready.pop();
    order.push_back(index);
    for (int reader : readers[static_cast<size_t>(index)]) {
      if (--waiting[static_cast<size_t>(reader)] == 0) ready.push(reader);
    }
  }
  if (order.size() < count) failCycle(graph, producers, waiting);
  return order;
}

}  // namespace deltalab
