#pragma once

#include <cstddef>

namespace deltalab {

/**
 * Takes gradients of parameters piece by piece while they are still in the cache, and uses them at once: the weights are updated without
 * their gradients ever going through memory. A step hands over a piece when nothing will read the old weights of this piece any more.
 */
class GradientSink {
 public:
  virtual ~GradientSink() = default;

  /**
   * `gradient` is that of the values begin..begin + count of the parameter at `parameter` in Parameters::all(), and may be overwritten.
   * How a parameter is cut follows from its shape alone: a piece is the whole, or has at least kLeastPiece values. Called from several
   * threads at a time for different pieces.
   */
  virtual void take(int parameter, size_t begin, size_t count, float* gradient) = 0;

  /** The piece of these values is about to be computed: what it will be used on can be fetched meanwhile. */
  virtual void expect(int parameter, size_t begin, size_t count) = 0;

  static constexpr size_t kLeastPiece = 1024;
};

}  // namespace deltalab
