#pragma once

#include <vector>

namespace deltalab::bench {

/** Floating-point operations a second of independent fused multiply-adds on `threads` threads, with the kernels' instruction set. */
double peakFlops(int threads);

/** The least time that one thread can take for something: by its multiply-adds, or by the memory it has to read or write once. */
class Limits {
 public:
  /** Measures. */
  Limits();
  double peak() const { return peak_; }
  /** Seconds. Memory is as fast as reading an array of so many bytes again and again: what fits a cache comes from there. */
  double least(double operations, double bytes) const;

 private:
  double peak_;
  /** Bytes a second by size of the array, doubled each time. */
  std::vector<double> bandwidths_;
};

}  // namespace deltalab::bench
