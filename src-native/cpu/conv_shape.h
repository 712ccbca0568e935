#pragma once

#include <array>
#include <cstdint>

namespace deltalab {

/**
 * A window that slides along one dimension: output o covers the inputs o · stride - padBefore + k · dilation for k < kernel; those
 * outside the input are padding.
 */
struct WindowAxis {
  int64_t input = 1;
  int64_t output = 1;
  int64_t kernel = 1;
  int64_t stride = 1;
  int64_t dilation = 1;
  int64_t padBefore = 0;
  int64_t padAfter = 0;

  /** The input of tap `k` of output `o`, or -1 in the padding. */
  int64_t at(int64_t o, int64_t k) const {
    const int64_t position = o * stride - padBefore + k * dilation;
    return position < input ? (position < 0 ? -1 : position) : -1;
  }
};

/** Depth, height and width; dimensions that the picture lacks are those of a single point. */
struct Window {
  std::array<WindowAxis, 3> axes;

  int64_t inputSize() const { return axes[0].input * axes[1].input * axes[2].input; }
  int64_t outputSize() const { return axes[0].output * axes[1].output * axes[2].output; }
  int64_t kernelSize() const { return axes[0].kernel * axes[1].kernel * axes[2].kernel; }
};

/** A convolution from `inputChannels` to `outputChannels` pictures; weights [outputChannels][inputChannels / groups][kernel]. */
struct ConvShape {
  int64_t batch = 1;
  int64_t groups = 1;
  int64_t inputChannels = 1;
  int64_t outputChannels = 1;
  Window window;

  int64_t groupInputs() const { return inputChannels / groups; }
  int64_t groupOutputs() const { return outputChannels / groups; }
};

}  // namespace deltalab
