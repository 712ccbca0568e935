#pragma once

// Convolutions of planar pictures with few channels, written once for every instruction set: vectors lie along the picture.
// Include conv_tile.h before this file.

namespace deltalab {
namespace {

/**
 * Most vectors of a tile of `channels` channels: all sums, one vector for each channel or for each of the tile (the fewer of both), and one
 * more stay in registers. Eight sums keep a processor busy while each waits for its predecessor.
 */
constexpr int planeVectors(int channels) {
  constexpr int kRegisters = kConvRows[0] + 4;
  int vectors = 8;
  while (vectors > 1 && channels * vectors + (channels < vectors ? channels : vectors) + 1 > kRegisters) --vectors;
  return vectors;
}
/** Most taps of a tile of gradients of weights. */
constexpr int kPlaneTaps = planeVectors(static_cast<int>(kPlaneChannels));

/** sum[a][b] += left(a) · right(b) for a < A, b < B; only the fewer of both are kept in registers meanwhile. */
template <int A, int B, class Left, class Right>
SIMD_FUNCTION void addOuterProduct(Vec (&sum)[A][B], Left left, Right right) {
  Vec kept[A < B ? A : B];
  if constexpr (A < B) {
    SIMD_UNROLL
    for (int a = 0; a < A; ++a) kept[a] = left(a);
    SIMD_UNROLL
    for (int b = 0; b < B; ++b) {
      const Vec value = right(b);
      SIMD_UNROLL
      for (int a = 0; a < A; ++a) sum[a][b] = multiplyAdd(kept[a], value, sum[a][b]);
    }
  } else {
    SIMD_UNROLL
    for (int b = 0; b < B; ++b) kept[b] = right(b);
    SIMD_UNROLL
    for (int a = 0; a < A; ++a) {
      const Vec value = left(a);
      SIMD_UNROLL
      for (int b = 0; b < B; ++b) sum[a][b] = multiplyAdd(value, kept[b], sum[a][b]);
    }
  }
}

/** C channels of V vectors from `first` on, the last of them of `last` values. */
template <int C, int V>
SIMD_NOINLINE void planeTile(const PlaneLine& line, Index first, Index last) {
  Vec sum[C][V];
  SIMD_UNROLL
  for (int c = 0; c < C; ++c) {
    SIMD_UNROLL
    for (int v = 0; v < V; ++v) sum[c][v] = all(0.0f);
  }
  const ConvSpan* span = line.spans;
  for (Index s = line.spanCount; s > 0; --s, ++span) {
    const float* from = line.source + span->source + first;
    const float* weights = line.weights + span->weights * kPlaneChannels;
    for (Index k = span->length; k > 0; --k, ++from, weights += kPlaneChannels) {
      addOuterProduct(
          sum, [=](int c) SIMD_LAMBDA { return all(weights[c]); }, [=](int v) SIMD_LAMBDA { return load(from + v * kWidth); });
    }
  }
  const Lanes lanes = firstLanes(last);
  SIMD_UNROLL
  for (int c = 0; c < C; ++c) {
    float* const to = line.target + c * line.targetChannel + first;
    const Vec bias = all(line.bias != nullptr ? line.bias[c] : 0.0f);
    SIMD_UNROLL
    for (int v = 0; v < V; ++v) {
      Vec value = add(sum[c][v], bias);
      if (line.relu) value = activate<kActivationRelu>(value, bias);
      if (v == V - 1 && last < kWidth) storeLanes(to + v * kWidth, lanes, value);
      else store(to + v * kWidth, value);
    }
  }
}

using PlaneTile = void (*)(const PlaneLine&, Index, Index);

template <int C, int... vectors>
struct PlaneTileList {
  static constexpr PlaneTile tiles[] = {planeTile<C, vectors + 1>...};
};
template <int C, int N, int... vectors>
struct PlaneTileRange : PlaneTileRange<C, N - 1, N - 1, vectors...> {};
template <int C, int... vectors>
struct PlaneTileRange<C, 0, vectors...> : PlaneTileList<C, vectors...> {};

template <int C>
SIMD_FUNCTION void planeChannels(const PlaneLine& line) {
  const EvenPieces pieces = evenPieces(vectorsOf(line.count), planeVectors(C));
  Index first = 0;
  for (Index i = 0; i < pieces.count; ++i) {
    const Index vectors = pieces.base + (i < pieces.larger ? 1 : 0);
    const Index left = line.count - first - (vectors - 1) * kWidth;
    PlaneTileRange<C, planeVectors(C)>::tiles[vectors - 1](line, first, left < kWidth ? left : kWidth);
    first += vectors * kWidth;
  }
}

void planeLineKernel(const PlaneLine& line) {
  if (line.channels == 1) planeChannels<1>(line);
  else if (line.channels == 2) planeChannels<2>(line);
  else if (line.channels == 3) planeChannels<3>(line);
  else planeChannels<4>(line);
}

/** T taps of C channels. */
template <int C, int T>
SIMD_NOINLINE void planeWeightTile(const PlaneWeightBlock& block, Index channel, Index tap) {
  Vec sum[C][T];
  SIMD_UNROLL
  for (int c = 0; c < C; ++c) {
    SIMD_UNROLL
    for (int t = 0; t < T; ++t) sum[c][t] = all(0.0f);
  }
  const Index* const offsets = block.offsets + tap;
  const Index gradientChannel = block.gradientChannel;
  for (Index sample = 0; sample < block.samples; ++sample) {
    const float* gradient = block.gradient + sample * block.gradientSample + channel * gradientChannel;
    const float* sources[T];
    SIMD_UNROLL
    for (int t = 0; t < T; ++t) sources[t] = block.source + sample * block.sourceSample + offsets[t];
    for (Index i = 0; i < block.vectors * kWidth; i += kWidth) {
      addOuterProduct(
          sum, [=](int c) SIMD_LAMBDA { return load(gradient + c * gradientChannel + i); },
          [&](int t) SIMD_LAMBDA { return load(sources[t] + i); });
    }
  }
  // The lanes of kWidth sums at a time are added up side by side, once they are transposed.
  constexpr int kWidthOf = static_cast<int>(kWidth);
  SIMD_UNROLL
  for (int first = 0; first < C * T; first += kWidthOf) {
    Vec lanes[kWidth];
    SIMD_UNROLL
    for (int i = 0; i < kWidthOf; ++i) lanes[i] = first + i < C * T ? sum[(first + i) / T][(first + i) % T] : all(0.0f);
    transpose(lanes);
    SIMD_UNROLL
    for (int half = kWidthOf / 2; half > 0; half /= 2) {
      SIMD_UNROLL
      for (int i = 0; i < half; ++i) lanes[i] = add(lanes[i], lanes[i + half]);
    }
    float totals[kWidth];
    store(totals, lanes[0]);
    SIMD_UNROLL
    for (int i = 0; i < kWidthOf; ++i) {
      if (first + i < C * T) block.sums[(channel + (first + i) / T) * block.sumChannel + tap + (first + i) % T] += totals[i];
    }
  }
}

using PlaneWeightTile = void (*)(const PlaneWeightBlock&, Index, Index);

template <int C, int... taps>
struct PlaneWeightList {
  static constexpr PlaneWeightTile tiles[] = {planeWeightTile<C, taps + 1>...};
};
template <int C, int N, int... taps>
struct PlaneWeightRange : PlaneWeightRange<C, N - 1, N - 1, taps...> {};
template <int C, int... taps>
struct PlaneWeightRange<C, 0, taps...> : PlaneWeightList<C, taps...> {};

void planeWeightKernel(const PlaneWeightBlock& block) {
  const EvenPieces pieces = evenPieces(block.taps, kPlaneTaps);
  for (Index channel = 0; channel < block.channels;) {
    const Index left = block.channels - channel;
    const Index channels = left >= 4 ? 4 : left >= 2 ? 2 : 1;
    Index tap = 0;
    for (Index i = 0; i < pieces.count; ++i) {
      const Index taps = pieces.base + (i < pieces.larger ? 1 : 0);
      if (channels == 4) PlaneWeightRange<4, kPlaneTaps>::tiles[taps - 1](block, channel, tap);
      else if (channels == 2) PlaneWeightRange<2, kPlaneTaps>::tiles[taps - 1](block, channel, tap);
      else PlaneWeightRange<1, kPlaneTaps>::tiles[taps - 1](block, channel, tap);
      tap += taps;
    }
    channel += channels;
  }
}

}  // namespace
}  // namespace deltalab
