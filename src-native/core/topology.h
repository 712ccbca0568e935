#pragma once

#include <string>
#include <unordered_map>
#include <vector>

#include "graph.h"

namespace deltalab {

/** Which node makes a value: index by value name. Throws 'graph.value' when a name is made twice. */
std::unordered_map<std::string, int> producersOf(const Graph& graph);

/** Indices of the nodes so that every node comes after those it reads, otherwise in the order given. Throws 'graph.cycle'. */
std::vector<int> topologicalOrder(const Graph& graph);

}  // namespace deltalab
