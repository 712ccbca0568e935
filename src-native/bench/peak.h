#pragma once

namespace deltalab::bench {

/** Floating-point operations a second of independent fused multiply-adds on `threads` threads, with the kernels' instruction set. */
double peakFlops(int threads);

/** Bytes a second that one thread reads from memory, through arrays too large for any cache. */
double memoryBandwidth();

}  // namespace deltalab::bench
