#pragma once

#include "core/errors.h"
#include "cpu/conv_shape.h"
#include "device.h"

namespace deltalab::cuda {

/** A Window (cpu/conv_shape.h) as a kernel can have it: which inputs a window covers, and which windows cover an input. */
struct DeviceWindow {
  int input[3], output[3], kernel[3], stride[3], dilation[3], before[3];

  explicit DeviceWindow(const Window& window) {
    for (size_t i = 0; i < 3; ++i) {
      const WindowAxis& axis = window.axes[i];
      input[i] = static_cast<int>(axis.input);
      output[i] = static_cast<int>(axis.output);
      kernel[i] = static_cast<int>(axis.kernel);
      stride[i] = static_cast<int>(axis.stride);
      dilation[i] = static_cast<int>(axis.dilation);
      before[i] = static_cast<int>(axis.padBefore);
    }
  }

  __host__ __device__ int inputs() const { return input[0] * input[1] * input[2]; }
  __host__ __device__ int outputs() const { return output[0] * output[1] * output[2]; }
  __host__ __device__ int taps() const { return kernel[0] * kernel[1] * kernel[2]; }

  /** The input of a tap of a window, or -1 in the padding. */
  __device__ int inputAt(int window, int tap) const {
    const int x = at(2, window % output[2], tap % kernel[2]);
    const int y = at(1, window / output[2] % output[1], tap / kernel[2] % kernel[1]);
    const int z = at(0, window / output[2] / output[1], tap / kernel[2] / kernel[1]);
    return x < 0 || y < 0 || z < 0 ? -1 : (z * input[1] + y) * input[2] + x;
  }

  /** f(input, tap) for every tap of a window that lies inside the picture, in the order of the taps. */
  template <class F>
  __device__ void forEachInput(int window, F&& f) const {
    const int x = window % output[2], y = window / output[2] % output[1], z = window / output[2] / output[1];
    for (int i = 0; i < kernel[0]; ++i) {
      const int inZ = at(0, z, i);
      if (inZ < 0) continue;
      for (int j = 0; j < kernel[1]; ++j) {
        const int inY = at(1, y, j);
        if (inY < 0) continue;
        for (int k = 0; k < kernel[2]; ++k) {
          const int inX = at(2, x, k);
          if (inX >= 0) f((inZ * input[1] + inY) * input[2] + inX, (i * kernel[1] + j) * kernel[2] + k);
        }
      }
    }
  }

  /** f(window, tap) for every window one of whose taps is an input, in the order of the windows. */
  template <class F>
  __device__ void forEachWindow(int point, F&& f) const {
    const int x = point % input[2], y = point / input[2] % input[1], z = point / input[2] / input[1];
    for (int i = first(0, z); i <= last(0, z); ++i) {
      const int tapZ = tap(0, z, i);
      if (tapZ < 0) continue;
      for (int j = first(1, y); j <= last(1, y); ++j) {
        const int tapY = tap(1, y, j);
        if (tapY < 0) continue;
        for (int k = first(2, x); k <= last(2, x); ++k) {
          const int tapX = tap(2, x, k);
          if (tapX >= 0) f((i * output[1] + j) * output[2] + k, (tapZ * kernel[1] + tapY) * kernel[2] + tapX);
        }
      }
    }
  }

 private:
  __device__ int at(int axis, int window, int tap) const {
    const int position = window * stride[axis] - before[axis] + tap * dilation[axis];
    return position < input[axis] ? (position < 0 ? -1 : position) : -1;
  }
  /** The windows of an axis that reach over a point. */
  __device__ int first(int axis, int point) const {
    const int beyond = point + before[axis] - (kernel[axis] - 1) * dilation[axis];
    return beyond <= 0 ? 0 : (beyond + stride[axis] - 1) / stride[axis];
  }
  __device__ int last(int axis, int point) const {
    const int window = (point + before[axis]) / stride[axis];
    return window < output[axis] ? window : output[axis] - 1;
  }
  /** The tap of a window that is a point, or -1. */
  __device__ int tap(int axis, int point, int window) const {
    const int distance = point + before[axis] - window * stride[axis];
    return distance % dilation[axis] == 0 ? distance / dilation[axis] : -1;
  }
};

/** Places within the values of a lane are whole numbers of 32 bits in the kernels of windows. */
inline void checkCount(size_t count) {
  if (count <= INT32_MAX) return;
  throw EngineError("engine.argument", "Pictures of more than 2^31 values in all are not computed on a graphics card",
                    {{"argument", std::string("shape")}, {"reason", std::string("at most 2^31 values on a graphics card")}});
}

}  // namespace deltalab::cuda
