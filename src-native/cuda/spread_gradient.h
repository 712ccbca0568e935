#pragma once

#include <array>

#include "loops.h"
#include "reducer.h"
#include "step.h"

namespace deltalab::cuda {

/** Of an input that is as large as the output. */
template <int N, class Passed>
struct OwnGradient {
  DeviceLoops<N> loops;
  Passed passed;
  LaneValues<float> to;
  int side;
  bool accumulate;

  __device__ void operator()(int lane, size_t i) const {
    const auto at = loops.at(i);
    float* into = to.of(lane) + at.of[side];
    *into = (accumulate ? *into : 0.0F) + passed(lane, i, at.of);
  }
};

/** Of an input that was spread: the sum over the elements it was spread to. Offsets in the output come first, then those in the inputs. */
template <int N, class Passed>
struct SummedGradient {
  using Total = double;
  struct Line {
    int lane;
    typename DeviceLoops<N + 1>::Offsets at;
  };

  DeviceLoops<N + 1> kept, summed;
  Passed passed;
  LaneValues<float> to;
  int side;
  bool accumulate;

  __device__ Total start() const { return 0; }
  __device__ Line line(int lane, size_t i) const { return {lane, kept.at(i)}; }
  __device__ Total add(Total total, const Line& line, size_t term) const {
    const auto inner = summed.at(term);
    ptrdiff_t of[N];
    for (int i = 0; i < N; ++i) of[i] = line.at.of[1 + i] + inner.of[1 + i];
    return total + static_cast<double>(passed(line.lane, static_cast<size_t>(line.at.of[0] + inner.of[0]), of));
  }
  __device__ Total join(Total a, Total b) const { return a + b; }
  __device__ void store(int lane, size_t i, Total total) const {
    float* into = to.of(lane) + kept.at(i).of[1 + side];
    *into = (accumulate ? *into : 0.0F) + static_cast<float>(total);
  }
};

/** Writes the gradient of one of N inputs that were spread over an output by NumPy's rule. */
template <int N>
class SpreadGradient {
 public:
  SpreadGradient() = default;
  SpreadGradient(Stream& stream, int lanes, const std::array<const Shape*, N>& inputs, int side, const Shape& output)
      : stream_(&stream), lanes_(lanes), side_(side), own_(elementCount(*inputs[static_cast<size_t>(side)]) == elementCount(output)) {
    if (own_) {
      loops_ = DeviceLoops<N>(broadcastLoops<N>(inputs, output));
      return;
    }
    splitLoops<N>(inputs, side, output, kept_, summed_);
    const bool beside = kept_.rank > 0 && kept_.steps[kept_.rank - 1][0] == 1;
    sums_ = Reducer<double>(stream, lanes, ReductionShape::of(kept_.count, summed_.count, beside ? kept_.sizes[kept_.rank - 1] : 1));
  }

  /** `passed`(lane, element of the output, offsets in the inputs): what of the output's gradient goes to the input there. */
  template <class Passed>
  void write(const Operand<float>& target, const Passed& passed) const {
    if (own_) {
      return forEachElement(*stream_, lanes_, loops_.count, OwnGradient<N, Passed>{loops_, passed, gradientOf(target), side_, target.accumulate});
    }
    sums_.run(SummedGradient<N, Passed>{kept_, summed_, passed, gradientOf(target), side_, target.accumulate});
  }

 private:
  Stream* stream_ = nullptr;
  int lanes_ = 1;
  int side_ = 0;
  /** The input is as large as the output. */
  bool own_ = false;
  DeviceLoops<N> loops_;
  DeviceLoops<N + 1> kept_, summed_;
  Reducer<double> sums_;
};

}  // namespace deltalab::cuda
