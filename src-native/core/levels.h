#pragma once

#include <cstddef>
#include <vector>

#include "planner.h"

namespace deltalab {

/** Nodes begin..end - 1 of a plan, none of which reads what another of them makes. */
struct Level {
  size_t begin = 0;
  size_t end = 0;
  /** Whether they should be computed at a time, a thread each: none is so large that the threads had better share it. */
  bool together = false;
  /** The same of their backward: no two of them add to the same gradient either. */
  bool togetherBackward = false;
};

/** Orders the nodes of a plan by levels: each node in the first one after all that it reads from, nodes of a level in the order they were in. */
std::vector<Level> orderByLevels(Plan& plan);

}  // namespace deltalab
