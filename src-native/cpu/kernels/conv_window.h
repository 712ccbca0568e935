#pragma once

// Pooling, depthwise convolution and transposition, written once for every instruction set. Include conv_tile.h and
// conv_plane_tile.h before this file.

namespace deltalab {
namespace {

/** kWidth numbers below 256 from bytes; of the last, partial vector only `count` bytes are read. */
SIMD_FUNCTION Vec loadNumbers(const unsigned char* from, Index count) {
  if (count >= kWidth) return loadBytes(from);
  unsigned char bytes[kWidth] = {};
  for (Index i = 0; i < count; ++i) bytes[i] = from[i];
  return loadBytes(bytes);
}

SIMD_FUNCTION void storeNumbers(unsigned char* to, Index count, Vec v) {
  if (count >= kWidth) return storeBytes(to, v);
  unsigned char bytes[kWidth];
  storeBytes(bytes, v);
  for (Index i = 0; i < count; ++i) to[i] = bytes[i];
}

/** Calls body(c, count, load, store) for the vectors of `channels` channels; the last one is masked. */
template <class Body>
SIMD_FUNCTION void forEachChannels(Index channels, Body body) {
  Index c = 0;
  for (; c + kWidth <= channels; c += kWidth) {
    body(
        c, kWidth, [](const float* from) SIMD_LAMBDA { return load(from); },
        [](float* to, Vec v) SIMD_LAMBDA { store(to, v); });
  }
  if (c < channels) {
    const Lanes lanes = firstLanes(channels - c);
    body(
        c, channels - c, [lanes](const float* from) SIMD_LAMBDA { return loadLanes(from, lanes); },
        [lanes](float* to, Vec v) SIMD_LAMBDA { storeLanes(to, lanes, v); });
  }
}

/** T taps, known while compiling, so that what belongs to a tap stays in registers; 0: line.tapCount of them. */
template <int T>
void poolLine(const PoolLine& line) {
  const Index taps = T > 0 ? T : line.tapCount;
  Vec numbers[T > 0 ? T : 1];
  SIMD_UNROLL
  for (int t = 0; t < T; ++t) numbers[t] = all(static_cast<float>(line.taps[t].index));
  forEachChannels(line.channels, [&](Index c, Index width, auto get, auto put) SIMD_LAMBDA {
    for (Index i = 0; i < line.count; ++i) {
      const float* const from = line.source + i * line.sourceStep + c;
      Vec most = get(from + line.taps[0].source);
      Vec chosen = T > 0 ? numbers[0] : all(static_cast<float>(line.taps[0].index));
      SIMD_UNROLL
      for (Index t = 1; t < taps; ++t) {
        const Vec value = get(from + line.taps[t].source);
        const Condition wins = either(greater(value, most), isNan(value));
        most = choose(wins, value, most);
        chosen = choose(wins, T > 0 ? numbers[t] : all(static_cast<float>(line.taps[t].index)), chosen);
      }
      if (line.chosen != nullptr) storeNumbers(line.chosen + i * line.chosenStep + c, width, chosen);
      put(line.target + i * line.targetStep + c, most);
    }
  });
}

void poolKernel(const PoolLine& line) {
  if (line.tapCount == 4) return poolLine<4>(line);
  if (line.tapCount == 9) return poolLine<9>(line);
  poolLine<0>(line);
}

template <int T, bool Accumulate>
void unpoolLine(const UnpoolLine& line) {
  const Vec zero = all(0.0f);
  const Index taps = T > 0 ? T : line.tapCount;
  Vec numbers[T > 0 ? T : 1];
  SIMD_UNROLL
  for (int t = 0; t < T; ++t) numbers[t] = all(static_cast<float>(line.taps[t].index));
  forEachChannels(line.channels, [&](Index c, Index width, auto get, auto put) SIMD_LAMBDA {
    for (Index i = 0; i < line.count; ++i) {
      const Vec value = get(line.source + i * line.sourceStep + c);
      const Vec chosen = loadNumbers(line.chosen + i * line.chosenStep + c, width);
      float* const to = line.target + i * line.targetStep + c;
      SIMD_UNROLL
      for (Index t = 0; t < taps; ++t) {
        const Vec number = T > 0 ? numbers[t] : all(static_cast<float>(line.taps[t].index));
        const Vec share = choose(equal(chosen, number), value, zero);
        float* const at = to + line.taps[t].source;
        put(at, Accumulate ? add(get(at), share) : share);
      }
    }
  });
}

void unpoolKernel(const UnpoolLine& line) {
  if (line.accumulate) return line.tapCount == 9 ? unpoolLine<9, true>(line) : unpoolLine<0, true>(line);
  if (line.tapCount == 4) return unpoolLine<4, false>(line);
  unpoolLine<0, false>(line);
}

/** R outputs of one vector of channels; `Partial`: of fewer channels than it holds. */
template <int R, bool Partial>
SIMD_NOINLINE void depthwiseTile(const DepthwiseLine& line, Index first, Index c, Lanes lanes) {
  const auto get = [=](const float* from) SIMD_LAMBDA { return Partial ? loadLanes(from, lanes) : load(from); };
  Vec sum[R];
  SIMD_UNROLL
  for (int r = 0; r < R; ++r) sum[r] = all(0.0f);
  {
    // Three outputs share a pointer: base, base + step and base + 2 · step are all addresses one instruction can form.
    constexpr int kBases = (R + 2) / 3;
    Index step = line.sourceStep;
    SIMD_OPAQUE(step);
    const float* bases[kBases];
    bases[0] = line.source + first * step + c;
    for (int i = 1; i < kBases; ++i) bases[i] = bases[i - 1] + 3 * step;
    const float* const weights = line.weights + c;
    const Index *offset = line.offsets, *row = line.rows;
    for (Index t = line.taps; t > 0; --t, ++offset, ++row) {
      const Vec weight = get(weights + *row * line.weightStep);
      const float* from[kBases];
      SIMD_UNROLL
      for (int i = 0; i < kBases; ++i) {
        from[i] = bases[i] + *offset;
        SIMD_OPAQUE(from[i]);
      }
      SIMD_UNROLL
      for (int r = 0; r < R; ++r) sum[r] = multiplyAdd(get(from[r / 3] + (r % 3) * step), weight, sum[r]);
    }
  }
  const Index targetStep = line.targetStep;
  float* const target = line.target + first * targetStep + c;
  if (line.bias != nullptr) {
    const Vec bias = get(line.bias + c);
    SIMD_UNROLL
    for (int r = 0; r < R; ++r) sum[r] = add(sum[r], bias);
  }
  if (line.accumulate) {
    SIMD_UNROLL
    for (int r = 0; r < R; ++r) sum[r] = add(sum[r], get(target + r * targetStep));
  }
  if (line.relu) {
    const Vec unused = all(0.0f);
    SIMD_UNROLL
    for (int r = 0; r < R; ++r) sum[r] = activate<kActivationRelu>(sum[r], unused);
  }
  SIMD_UNROLL
  for (int r = 0; r < R; ++r) {
    if (Partial) storeLanes(target + r * targetStep, lanes, sum[r]);
    else store(target + r * targetStep, sum[r]);
  }
}

using DepthwiseFunction = void (*)(const DepthwiseLine&, Index, Index, Lanes);
template <bool Partial, int... rows>
struct DepthwiseList {
  static constexpr DepthwiseFunction tiles[] = {depthwiseTile<rows + 1, Partial>...};
};
template <bool Partial, int N, int... rows>
struct DepthwiseRange : DepthwiseRange<Partial, N - 1, N - 1, rows...> {};
template <bool Partial, int... rows>
struct DepthwiseRange<Partial, 0, rows...> : DepthwiseList<Partial, rows...> {};
constexpr int kDepthwiseRows = 12;

void depthwiseKernel(const DepthwiseLine& line) {
  const EvenPieces pieces = evenPieces(line.count, kDepthwiseRows);
  for (Index c = 0; c < line.channels; c += kWidth) {
    const Index width = line.channels - c < kWidth ? line.channels - c : kWidth;
    const DepthwiseFunction* const tiles =
        width < kWidth ? DepthwiseRange<true, kDepthwiseRows>::tiles : DepthwiseRange<false, kDepthwiseRows>::tiles;
    Index first = 0;
    for (Index i = 0; i < pieces.count; ++i) {
      const Index rows = pieces.base + (i < pieces.larger ? 1 : 0);
      tiles[rows - 1](line, first, c, firstLanes(width));
      first += rows;
    }
  }
}

/** Few sums would wait for each other: neighbouring pixels then go to sums of their own. */
template <int T, bool Partial>
SIMD_NOINLINE void depthwiseWeightTile(const DepthwiseWeightLine& line, Index firstTap, Index c, Lanes lanes) {
  constexpr int kSets = T >= 8 ? 1 : T >= 4 ? 2 : 4;
  const auto get = [=](const float* from) SIMD_LAMBDA { return Partial ? loadLanes(from, lanes) : load(from); };
  Vec sum[kSets][T];
  SIMD_UNROLL
  for (int s = 0; s < kSets; ++s) {
    SIMD_UNROLL
    for (int t = 0; t < T; ++t) sum[s][t] = all(0.0f);
  }
  const Index gradientStep = line.gradientStep, sourceStep = line.sourceStep;
  const float* gradient = line.gradient + c;
  const float* from[T];
  SIMD_UNROLL
  for (int t = 0; t < T; ++t) from[t] = line.source + line.offsets[firstTap + t] + c;
  Index at = 0, left = line.count;
  for (; left >= kSets; left -= kSets) {
    SIMD_UNROLL
    for (int s = 0; s < kSets; ++s) {
      const Vec factor = get(gradient);
      SIMD_UNROLL
      for (int t = 0; t < T; ++t) sum[s][t] = multiplyAdd(get(from[t] + at), factor, sum[s][t]);
      gradient += gradientStep;
      at += sourceStep;
    }
  }
  for (; left > 0; --left) {
    const Vec factor = get(gradient);
    SIMD_UNROLL
    for (int t = 0; t < T; ++t) sum[0][t] = multiplyAdd(get(from[t] + at), factor, sum[0][t]);
    gradient += gradientStep;
    at += sourceStep;
  }
  SIMD_UNROLL
  for (int t = 0; t < T; ++t) {
    SIMD_UNROLL
    for (int s = 1; s < kSets; ++s) sum[0][t] = add(sum[0][t], sum[s][t]);
    float* const to = line.sums + line.rows[firstTap + t] * line.sumStep + c;
    const Vec total = add(get(to), sum[0][t]);
    if (Partial) storeLanes(to, lanes, total);
    else store(to, total);
  }
}

template <bool Partial>
SIMD_FUNCTION void depthwiseWeightTaps(const DepthwiseWeightLine& line, Index c, Lanes lanes) {
  Index t = 0;
  for (; t + 5 <= line.taps; t += 5) depthwiseWeightTile<5, Partial>(line, t, c, lanes);
  for (; t + 3 <= line.taps; t += 3) depthwiseWeightTile<3, Partial>(line, t, c, lanes);
  for (; t < line.taps; ++t) depthwiseWeightTile<1, Partial>(line, t, c, lanes);
}

void depthwiseWeightKernel(const DepthwiseWeightLine& line) {
  Index c = 0;
  for (; c + kWidth <= line.channels; c += kWidth) depthwiseWeightTaps<false>(line, c, firstLanes(kWidth));
  if (c < line.channels) depthwiseWeightTaps<true>(line, c, firstLanes(line.channels - c));
}

void transposeToPlacesKernel(const Transposition& to) {
  for (Index j = 0; j < to.columns; j += kWidth) {
    const Index columns = to.columns - j < kWidth ? to.columns - j : kWidth;
    const Lanes columnLanes = firstLanes(columns);
    for (Index i = 0; i < to.rows; i += kWidth) {
      const Index rows = to.rows - i < kWidth ? to.rows - i : kWidth;
      const float* from = to.source + i * to.sourceStep + j;
      Vec block[kWidth];
      if (rows == kWidth && columns == kWidth) {
        SIMD_UNROLL
        for (Index r = 0; r < kWidth; ++r, from += to.sourceStep) block[r] = load(from);
      } else {
        SIMD_UNROLL
        for (Index r = 0; r < kWidth; ++r) {
          block[r] = r < rows ? loadLanes(from, columnLanes) : all(0.0f);
          from += r < rows ? to.sourceStep : 0;
        }
      }
      transpose(block);
      float* const target = to.target + i;
      const auto place = [&](Index r)
                             SIMD_LAMBDA { return target + (to.places ? to.places[j + r] : j + r) * to.targetStep; };
      if (columns == kWidth && (rows == kWidth || to.pad)) {
        SIMD_UNROLL
        for (Index r = 0; r < kWidth; ++r) store(place(r), block[r]);
        continue;
      }
      // Unrolled with a condition, not a loop to `columns`: a register has no index.
      const Lanes rowLanes = firstLanes(to.pad ? kWidth : rows);
      SIMD_UNROLL
      for (Index r = 0; r < kWidth; ++r) {
        if (r < columns) storeLanes(place(r), rowLanes, block[r]);
      }
    }
  }
}

constexpr ConvKernels kConvKernels = {static_cast<int>(kWidth), static_cast<int>(kConvColumns),
                                      convLineKernel,           planeLineKernel,
                                      convWeightKernel,         planeWeightKernel,
                                      addRowsKernel,            addPlanesKernel,
                                      poolKernel,               unpoolKernel,
                                      depthwiseKernel,          depthwiseWeightKernel,
                                      transposeToPlacesKernel};

}  // namespace
}  // namespace deltalab
