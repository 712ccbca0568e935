#pragma once

#include <cstddef>

#include "conv_shape.h"

namespace deltalab {

/**
 * Convolution as its formula says, one sample at a time on planar pictures [channels][depth][height][width]: the double precision,
 * three dimensions of space, and what tests compare the kernels with.
 *
 * f(output point, input point, tap) for every tap that lies inside the picture, output by output.
 */
template <class F>
void forEachTap(const Window& window, F&& f) {
  const auto& [depth, height, width] = window.axes;
  int64_t output = 0;
  for (int64_t z = 0; z < depth.output; ++z) {
    for (int64_t y = 0; y < height.output; ++y) {
      for (int64_t x = 0; x < width.output; ++x, ++output) {
        int64_t tap = 0;
        for (int64_t i = 0; i < depth.kernel; ++i) {
          for (int64_t j = 0; j < height.kernel; ++j) {
            for (int64_t k = 0; k < width.kernel; ++k, ++tap) {
              const int64_t inZ = depth.at(z, i), inY = height.at(y, j), inX = width.at(x, k);
              if (inZ < 0 || inY < 0 || inX < 0) continue;
              f(static_cast<size_t>(output), static_cast<size_t>((inZ * height.input + inY) * width.input + inX),
                static_cast<size_t>(tap));
            }
          }
        }
      }
    }
  }
}

/** f(input channel, output channel, first weight) for every pair of channels that a filter connects. */
template <class F>
void forEachFilter(const ConvShape& shape, F&& f) {
  const int64_t inputs = shape.groupInputs(), outputs = shape.groupOutputs();
  const int64_t taps = shape.window.kernelSize();
  for (int64_t o = 0; o < shape.outputChannels; ++o) {
    for (int64_t i = 0; i < inputs; ++i) {
      f(static_cast<size_t>(o / outputs * inputs + i), static_cast<size_t>(o), static_cast<size_t>((o * inputs + i) * taps));
    }
  }
}

/** output += weights * input. */
template <class T>
void convPlain(const ConvShape& shape, const T* input, const T* weights, T* output) {
  const size_t from = static_cast<size_t>(shape.window.inputSize()), to = static_cast<size_t>(shape.window.outputSize());
  forEachFilter(shape, [&](size_t in, size_t out, size_t filter) {
    forEachTap(shape.window, [&](size_t point, size_t source, size_t tap) {
      output[out * to + point] += input[in * from + source] * weights[filter + tap];
    });
  });
}

/** input += the transposed convolution of output: the gradient of the input from that of the output. */
template <class T>
void convTransposedPlain(const ConvShape& shape, const T* output, const T* weights, T* input) {
  const size_t from = static_cast<size_t>(shape.window.inputSize()), to = static_cast<size_t>(shape.window.outputSize());
  forEachFilter(shape, [&](size_t in, size_t out, size_t filter) {
    forEachTap(shape.window, [&](size_t point, size_t source, size_t tap) {
      input[in * from + source] += output[out * to + point] * weights[filter + tap];
    });
  });
}

/** weights += the gradient of the weights from the input and the gradient of the output. */
template <class T>
void convWeightsPlain(const ConvShape& shape, const T* input, const T* output, T* weights) {
  const size_t from = static_cast<size_t>(shape.window.inputSize()), to = static_cast<size_t>(shape.window.outputSize());
  forEachFilter(shape, [&](size_t in, size_t out, size_t filter) {
    forEachTap(shape.window, [&](size_t point, size_t source, size_t tap) {
      weights[filter + tap] += input[in * from + source] * output[out * to + point];
    });
  });
}

}  // namespace deltalab
