#pragma once

namespace deltalab::bench {

/** Floating-point operations a second of independent fused multiply-adds on `threads` threads, with the kernels' instruction set. */
double peakFlops(int threads);

}  // namespace deltalab::bench
