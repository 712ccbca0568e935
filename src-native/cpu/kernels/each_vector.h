#pragma once

// A loop over arrays in whole vectors and a masked rest. Include one simd_*.h before this file.

namespace deltalab {
namespace {

/** Runs body(i, load, store) over whole vectors, then over the rest in masked form with the same arithmetic. */
template <class Body>
SIMD_FUNCTION void forEachVector(Index n, Body body) {
  Index i = 0;
  for (; i + kWidth <= n; i += kWidth) {
    body([i](const float* from) SIMD_LAMBDA { return load(from + i); },
         [i](float* to, Vec v) SIMD_LAMBDA { store(to + i, v); });
  }
  if (i < n) {
    const Lanes lanes = firstLanes(n - i);
    body([i, lanes](const float* from) SIMD_LAMBDA { return loadLanes(from + i, lanes); },
         [i, lanes](float* to, Vec v) SIMD_LAMBDA { storeLanes(to + i, lanes, v); });
  }
}

}  // namespace
}  // namespace deltalab
