#pragma once

#include <algorithm>
#include <cstddef>

#include "core/operator.h"

namespace deltalab {

/**
 * f(lane, begin, end) over `items` things (rows, channels) of every lane that takes part, `perTask` of them at a time where several
 * threads are worth it. Items must not depend on each other: no result may depend on how they are grouped.
 */
template <class F>
void forEachBlock(Run& run, size_t items, size_t elementsPerItem, size_t perTask, F&& f) {
  const LaneSet& lanes = run.lanes;
  const size_t elements = items * elementsPerItem * static_cast<size_t>(lanes.activeCount);
  if (run.pool.threads() == 1 || elements < kParallelElements || items == 0) {
    for (int lane = 0; lane < lanes.count && items > 0; ++lane) {
      if (lanes.has(lane)) f(lane, size_t{0}, items);
    }
    return;
  }
  const int tasks = static_cast<int>((items + perTask - 1) / perTask);
  run.pool.forEach(lanes.count * tasks, [&](int index) {
    const int lane = index / tasks;
    if (!lanes.has(lane)) return;
    const size_t begin = static_cast<size_t>(index % tasks) * perTask;
    f(lane, begin, std::min(items, begin + perTask));
  });
}

/** Items of a task that make up about kChunkElements values. */
inline size_t itemsPerTask(size_t elementsPerItem) {
  return std::max<size_t>(1, kChunkElements / std::max<size_t>(1, elementsPerItem));
}

}  // namespace deltalab
