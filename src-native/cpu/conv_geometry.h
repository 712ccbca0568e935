#pragma once

#include <vector>

#include "conv_shape.h"
#include "kernels/conv_blocks.h"

namespace deltalab {

/** Neighbouring taps of one axis: tap j reads the source at i · sourceStep + offset + j, with the weights of slot + j. */
struct TapRun {
  Index offset, slot, count;
};

/** Targets first, first + step, … (`count` of them) of one axis, which all use the same taps. */
struct AxisPhase {
  Index first, step, count, sourceStep;
  std::vector<TapRun> runs;
};

/** One axis of a sum over windows: source and target sizes, and which sources every target is made from. */
struct AxisPlan {
  Index source, target, kernel;
  std::vector<AxisPhase> phases;
  /** Columns of zeros before and after the source that the windows reach into. */
  Index before, after;
};

/** Outputs from inputs: one phase. `merged`: taps that lie side by side form one run. */
AxisPlan gatherAxis(const WindowAxis& axis, bool merged);
/**
 * Inputs from outputs, the transpose: `stride` phases. Slots count the taps from the last to the first, so that source and weights
 * run in the same direction.
 */
AxisPlan scatterAxis(const WindowAxis& axis, bool merged);

/** Neighbouring windows of one axis that have the same taps inside the picture. */
struct PoolSegment {
  Index first, count;
  Index firstTap, endTap;
};
std::vector<PoolSegment> poolSegments(const WindowAxis& axis);

/** Whether every value of the picture lies in exactly one window. */
bool isPartition(const WindowAxis& axis);

}  // namespace deltalab
