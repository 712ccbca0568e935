#pragma once

/** Marks a function that kernels of a GPU call, too. */
#if defined(__CUDACC__)
#define DELTALAB_BOTH __host__ __device__
#else
#define DELTALAB_BOTH
#endif
