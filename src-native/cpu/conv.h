#pragma once

#include <cstddef>
#include <memory>

#include "conv_geometry.h"
#include "gemm.h"

namespace deltalab {

/**
 * Convolution in single precision for pictures of one or two dimensions, forward and backward. Everything is computed on channels-last
 * pictures [y][x][channels], sample by sample in scratch memory that stays in the cache; pictures in memory may be planar
 * ([channels][y][x]) or channels-last.
 *
 * The bits of a result depend on the shapes, the values and the instruction set: not on the number of threads, nor on other lanes.
 */

/** Values of all lanes, `laneStride` apart, or shared by them where that is 0. */
template <class T>
struct LaneValues {
  T* data = nullptr;
  size_t laneStride = 0;

  T* of(int lane) const { return data + static_cast<size_t>(lane) * laneStride; }
};
template <class T>
using Pictures = LaneValues<T>;  // [lanes][batch][…]

/** What runs, where, and for which lanes. */
struct ConvRun {
  ThreadPool& pool;
  Scratch& scratch;
  int lanes = 1;
  /** Null: all. */
  const unsigned char* active = nullptr;

  bool has(int lane) const { return active == nullptr || active[lane] != 0; }
};

/** What is done with sums before they are stored. */
struct ConvEpilogue {
  /** One value per channel of the target; may be null. */
  LaneValues<const float> bias;
  Activation activation = Activation::None;
  float alpha = 0;
  /** Add to what the target holds. */
  bool accumulate = false;
};

/**
 * What the gradient of a step's output goes through before it is used, sample by sample while it is in the cache: it is multiplied in place
 * by f'(values), values being the output, and summed up per channel for the bias.
 */
struct ConvGradient {
  LaneValues<float> gradient;
  LaneValues<const float> values;
  Activation activation = Activation::None;
  float alpha = 0;
  /** Null: there is no bias to learn. */
  LaneValues<float> bias;
  bool accumulateBias = false;
};

/** How the pictures of a convolution lie in memory: planar [channels][y][x], or channels-last. */
struct ConvLayout {
  bool inputsChannelsLast = false;
  bool outputsChannelsLast = false;
};

class Convolution {
 public:
  /**
   * For shapes that `takes` accepts. With a pool the outputs in memory are those after it, and `chosen` says which value of its window
   * each one is: [lanes][batch][y][x][channels].
   */
  Convolution(const ConvShape& shape, ConvLayout layout, const Window* pool);
  ~Convolution();

  /** One or two dimensions of space, and windows that are not enormous. */
  static bool takes(const ConvShape& shape);
  /** At most 256 values in a window, none of it empty. */
  static bool takesPool(const Window& pool);

  /** outputs = pool(activation(weights * inputs + bias)). `chosen` may be null. */
  void forward(const ConvRun& run, Pictures<const float> inputs, LaneValues<const float> weights, const ConvEpilogue& epilogue,
               Pictures<float> outputs, LaneValues<unsigned char> chosen) const;
  /** inputs = activation(the transposed convolution of the outputs + bias). The outputs come through the pool, where there is one. */
  void transposed(const ConvRun& run, Pictures<const float> outputs, LaneValues<unsigned char> chosen, LaneValues<const float> weights,
                  const ConvEpilogue& epilogue, Pictures<float> inputs) const;
  /**
   * The gradient of the weights, from the inputs and the gradient of the outputs; or from the outputs and the gradient of the inputs, where
   * `transposed` is what was computed: the sums are the same. The gradient is prepared on the way, and the bias' written.
   */
  void weightGradient(const ConvRun& run, Pictures<const float> values, const ConvGradient& gradient, bool transposed,
                      LaneValues<unsigned char> chosen, LaneValues<float> weights, bool accumulate) const;
  /** The sums of the channels of outputs, or of inputs: the gradient of a bias. */
  void outputSums(const ConvRun& run, Pictures<const float> outputs, LaneValues<float> sums, bool accumulate) const;
  void inputSums(const ConvRun& run, Pictures<const float> inputs, LaneValues<float> sums, bool accumulate) const;

 private:
  struct Plans;
  std::unique_ptr<Plans> plans_;
};

}  // namespace deltalab
