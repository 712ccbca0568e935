#pragma once

#include <algorithm>

#include "core/precision.h"

namespace deltalab::cuda::bench {

/** What a card can do at most, as measured by kernels that do nothing else. */
struct Ceiling {
  /** Floating-point operations a second: of independent fused multiply-adds of single precision, or of products of rounded factors by tensor cores. */
  double operations = 0;
  /** Bytes a second read and written while memory far larger than the cache is copied. */
  double bytes = 0;

  /** Seconds that so much must take, by whichever binds. */
  double least(double work, double moved) const { return std::max(work / operations, moved / bytes); }
  bool bindsBandwidth(double work, double moved) const { return moved / bytes > work / operations; }
};

/** Of the card with this number, which has the `precision`. `quick`: far too little work for true figures, to try the kernels where they are emulated. */
Ceiling measureCeiling(int card, Precision precision, bool quick);

}  // namespace deltalab::cuda::bench
