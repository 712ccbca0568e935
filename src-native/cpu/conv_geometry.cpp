#include "conv_geometry.h"

#include <algorithm>

namespace deltalab {

namespace {

void addTap(std::vector<TapRun>& runs, Index offset, Index slot, bool merged) {
  if (merged && !runs.empty()) {
    TapRun& last = runs.back();
    if (last.offset + last.count == offset && last.slot + last.count == slot) {
      ++last.count;
      return;
    }
  }
  runs.push_back({offset, slot, 1});
}

void measurePadding(AxisPlan& plan) {
  plan.before = plan.after = 0;
  for (const AxisPhase& phase : plan.phases) {
    for (const TapRun& run : phase.runs) {
      if (phase.count == 0) continue;
      plan.before = std::max(plan.before, -run.offset);
      plan.after = std::max(plan.after, (phase.count - 1) * phase.sourceStep + run.offset + run.count - plan.source);
    }
  }
}

}  // namespace

AxisPlan gatherAxis(const WindowAxis& axis, bool merged) {
  AxisPlan plan;
  plan.source = axis.input;
  plan.target = axis.output;
  plan.kernel = axis.kernel;
  AxisPhase phase{0, 1, axis.output, axis.stride, {}};
  for (Index k = 0; k < axis.kernel; ++k) addTap(phase.runs, k * axis.dilation - axis.padBefore, k, merged);
  plan.phases.push_back(std::move(phase));
  measurePadding(plan);
  return plan;
}

AxisPlan scatterAxis(const WindowAxis& axis, bool merged) {
  AxisPlan plan;
  plan.source = axis.output;
  plan.target = axis.input;
  plan.kernel = axis.kernel;
  for (Index first = 0; first < std::min<Index>(axis.stride, axis.input); ++first) {
    AxisPhase phase{first, axis.stride, (axis.input - first + axis.stride - 1) / axis.stride, 1, {}};
    for (Index k = axis.kernel; k-- > 0;) {
      // Output o reads input o · stride - padBefore + k · dilation.
      const Index distance = first + axis.padBefore - k * axis.dilation;
      if (distance % axis.stride == 0) addTap(phase.runs, distance / axis.stride, axis.kernel - 1 - k, merged);
    }
    plan.phases.push_back(std::move(phase));
  }
  measurePadding(plan);
  return plan;
}

std::vector<PoolSegment> poolSegments(const WindowAxis& axis) {
  std::vector<PoolSegment> segments;
  for (Index o = 0; o < axis.output; ++o) {
    Index first = 0, end = axis.kernel;
    while (first < end && axis.at(o, first) < 0) ++first;
    while (end > first && axis.at(o, end - 1) < 0) --end;
    if (!segments.empty() && segments.back().firstTap == first && segments.back().endTap == end) ++segments.back().count;
    else segments.push_back({o, 1, first, end});
  }
  return segments;
}

bool isPartition(const WindowAxis& axis) {
  return axis.stride == axis.kernel && axis.dilation == 1 && axis.padBefore == 0 && axis.output * axis.stride == axis.input;
}

}  // namespace deltalab
