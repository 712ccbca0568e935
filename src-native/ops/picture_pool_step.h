#pragma once

#include <vector>

#include "core/operator.h"
#include "cpu/conv_pictures.h"

namespace deltalab {

/**
 * MaxPool and AveragePool in single precision by the kernels of pictures, of one or two dimensions of space: for windows that
 * Convolution::takesPool accepts. Works on channels-last pictures; planar ones are turned on the way. A sample is one piece of work.
 */
class PicturePoolStep : public Step<float> {
 public:
  /** `scales`, one for each point of the output: the mean of a window is the sum of its values times its scale. Empty: their maximum. */
  PicturePoolStep(StepSpec<float>&& spec, const Window& window, std::vector<float> scales);

  void forward(Run& run) override;
  void backward(Run& run) override;

 private:
  bool averages() const { return !scales_.empty(); }
  ScratchPicture whole() const { return {0, input_.channels, input_.channels, 0, 0}; }
  /** f(lane, sample, memory), memory for both pictures and as much again for the larger of them. */
  template <class F>
  void forEachSample(Run& run, F&& f);
  unsigned char* chosen(int lane, Index sample);
  /** f(first tap of the first window, offsets of the taps from there, their number, point of the output, windows) for windows side by side. */
  template <class F>
  void forEachSegment(F&& f) const;
  void average(const float* pixels, float* means) const;
  void spread(const float* gradient, float* pixels) const;

  PicturePool pool_;
  std::vector<PoolSegment> rows_;
  /** As they lie in memory; that of the maxima goes through the pool. */
  PictureForm input_, output_;
  Index batch_;
  std::vector<float> scales_, ones_;
  /** Of a maximum: which value of its window each one is, [lanes][batch][points][channels]. */
  std::vector<unsigned char> chosen_;
};

}  // namespace deltalab
