#pragma once

#include "fused_activation.h"
#include "ops/normalise_form.h"
#include "ops/normalise_functions.h"
#include "plane_sums.h"

namespace deltalab::cuda {

// What BatchNormalization and the normalisations of rows share: of the input as planes [outer][rows][inner] a row is normalised by its own
// mean and deviation, and pairs of scale and shift are for `run` neighbouring values each.

struct NormalisedPlanes {
  Planes planes;
  size_t run = 1, pairs = 1;

  __device__ size_t rowOf(size_t at) const {
    const size_t plane = quotient(at, planes.inner);
    return plane < planes.rows ? plane : plane - quotient(plane, planes.rows) * planes.rows;
  }
  __device__ size_t pairOf(size_t at) const {
    const size_t piece = quotient(at, run);
    return piece < pairs ? piece : piece - quotient(piece, pairs) * pairs;
  }
};

/** What rows are normalised by: mean and 1 / sqrt(variance + epsilon), [rows] of every lane. */
struct RowStatistics {
  LaneValues<float> means, factors;
};

/**
 * Σ d and Σ d² of the distances d from the first value of a row, which a double holds without rounding: mean and variance in one pass, without
 * the cancellation of Σ x².
 */
struct Distances {
  Planes planes;
  LaneValues<const float> x;

  __device__ Sums<2> term(int lane, size_t row, size_t, size_t at) const {
    const double distance = static_cast<double>(x.of(lane)[at]) - origin(lane, row);
    return {{distance, distance * distance}};
  }
  __device__ double origin(int lane, size_t row) const { return static_cast<double>(x.of(lane)[row * planes.inner]); }
  __device__ double mean(int lane, size_t row, const Sums<2>& sums) const { return origin(lane, row) + sums.of[0] / count(); }
  /** Biased. */
  __device__ double variance(const Sums<2>& sums) const {
    const double variance = (sums.of[1] - sums.of[0] * sums.of[0] / count()) / count();
    return variance < 0 ? 0 : variance;
  }
  __device__ double count() const { return static_cast<double>(planes.terms()); }
};

/** ∂E/∂y before a fused activation; 0 where nobody read y (no dy). */
struct GivenGradient {
  LaneValues<const float> dy, y;
  FusedActivation fused{};

  __device__ float at(int lane, size_t i) const {
    if (!dy.data) return 0;
    const float given = dy.of(lane)[i];
    return fused.activation == Activation::None ? given : given * activationSlopeFromOutput(fused.activation, y.of(lane)[i], fused.alpha);
  }
};

/** y = activation((x - mean) · factor · scale + shift); there may be no shift. */
struct Standardised {
  NormalisedPlanes form;
  RowStatistics statistics;
  LaneValues<const float> x, scale, shift;
  LaneValues<float> y;
  FusedActivation fused{};

  __device__ void operator()(int lane, size_t i) const {
    const size_t row = form.rowOf(i), pair = form.pairOf(i);
    const float slope = statistics.factors.of(lane)[row] * scale.of(lane)[pair];
    const float value = (x.of(lane)[i] - statistics.means.of(lane)[row]) * slope + (shift.data ? shift.of(lane)[pair] : 0.0F);
    y.of(lane)[i] = activationValue(fused.activation, value, fused.alpha);
  }
};

/** dx = a · dy · scale + b · (x - mean) + c with the factors of the row; no scale: it is in a. */
struct StandardisedGradient {
  NormalisedPlanes form;
  LaneValues<const GradientFactors<float>> factors;
  GivenGradient given;
  LaneValues<const float> x, scale;
  LaneValues<float> dx;
  bool accumulate;

  __device__ void operator()(int lane, size_t i) const {
    const GradientFactors<float> f = factors.of(lane)[form.rowOf(i)];
    const float g = given.at(lane, i) * (scale.data ? scale.of(lane)[form.pairOf(i)] : 1.0F);
    float* to = dx.of(lane) + i;
    *to = (accumulate ? *to : 0.0F) + (f.a * g + f.b * (x.of(lane)[i] - f.mean) + f.c);
  }
};

/** A gradient that is written where it is wanted. */
struct WantedGradient {
  LaneValues<float> to;
  bool accumulate = false;

  WantedGradient() = default;
  explicit WantedGradient(const Operand<float>& input) {
    if (!input || !input.needsGradient) return;
    to = gradientOf(input);
    accumulate = input.accumulate;
  }
  __device__ void put(int lane, size_t i, float value) const {
    if (!to.data) return;
    float* at = to.of(lane) + i;
    *at = accumulate ? *at + value : value;
  }
};

/** Memory for RowStatistics and, unless in inference, the factors of backward. */
class RowMemory {
 public:
  RowMemory(Stream& stream, int lanes, size_t rows, ProgramMode mode)
      : rows_(rows),
        means_(stream, static_cast<size_t>(lanes) * rows),
        factors_(stream, static_cast<size_t>(lanes) * rows),
        gradients_(stream, mode == ProgramMode::Inference ? 0 : static_cast<size_t>(lanes) * rows) {}

  RowStatistics statistics() const { return {{means_.data(), rows_}, {factors_.data(), rows_}}; }
  LaneValues<GradientFactors<float>> gradients() const { return {gradients_.data(), rows_}; }
  LaneValues<const GradientFactors<float>> givenGradients() const { return {gradients_.data(), rows_}; }

 private:
  size_t rows_;
  DeviceMemory<float> means_, factors_;
  DeviceMemory<GradientFactors<float>> gradients_;
};

}  // namespace deltalab::cuda
