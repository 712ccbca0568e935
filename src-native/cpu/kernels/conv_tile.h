#pragma once

// The convolution kernels, written once for every instruction set. Include one simd_*.h, vector_math.h and
// elementwise_kernels.h before this file, and define
//   kConvRows[v]  most rows of a tile of v + 1 vectors: all accumulators, the vectors of one row of weights and one value
//                 of the picture stay in registers. As many entries as a panel has vectors.

namespace deltalab {
namespace {

constexpr int kConvVectors = sizeof(kConvRows) / sizeof(kConvRows[0]);
constexpr Index kConvColumns = kConvVectors * kWidth;

/** Vectors that hold `count` values. */
SIMD_FUNCTION Index vectorsOf(Index count) { return (count + kWidth - 1) / kWidth; }

/** Cuts `count` into pieces of nearly equal size, at most `most`: 16 is 8 + 8, not 14 + 2. */
struct EvenPieces {
  Index count, base, larger;
};
SIMD_FUNCTION EvenPieces evenPieces(Index total, Index most) {
  const Index count = (total + most - 1) / most;
  return {count, total / count, total % count};
}

#define SIMD_EACH_SUM                  \
  SIMD_UNROLL_ALL                      \
  for (int r = 0; r < R; ++r)          \
    SIMD_UNROLL                        \
  for (int v = 0; v < V; ++v)

/** R outputs of V vectors. Not inlined: inside a larger function GCC keeps vectors in memory, which halves the speed. */
template <int R, int V>
SIMD_NOINLINE void convTile(const ConvLine& line, const float* source, float* target) {
  Vec sum[R][V];
  SIMD_EACH_SUM sum[r][v] = all(0.0f);
  {
    // Three outputs share a pointer: base, base + step and base + 2 · step are all addresses one instruction can form.
    constexpr int kBases = (R + 2) / 3;
    Index step = line.sourceStep;
    SIMD_OPAQUE(step);
    const ConvSpan* span = line.spans;
    for (Index s = line.spanCount; s > 0; --s, ++span) {
      const float* bases[kBases];
      bases[0] = source + span->source;
      for (int i = 1; i < kBases; ++i) {
        bases[i] = bases[i - 1] + 3 * step;
        SIMD_OPAQUE(bases[i]);
      }
      const float* weights = line.weights + span->weights * (V * kWidth);
      for (Index k = span->length; k > 0; --k) {
        Vec right[V];
        SIMD_UNROLL
        for (int v = 0; v < V; ++v) right[v] = load(weights + v * kWidth);
        SIMD_UNROLL_ALL
        for (int r = 0; r < R; ++r) {
          const Vec left = all(bases[r / 3][(r % 3) * step]);
          SIMD_UNROLL
          for (int v = 0; v < V; ++v) sum[r][v] = multiplyAdd(left, right[v], sum[r][v]);
        }
        SIMD_UNROLL
        for (int i = 0; i < kBases; ++i) ++bases[i];
        weights += V * kWidth;
      }
    }
  }

  const Index targetStep = line.targetStep;
  const Index lastCount = line.channels - (V - 1) * kWidth;
  const bool partial = lastCount < kWidth;
  const Lanes last = firstLanes(partial ? lastCount : kWidth);
  const auto place = [=](int r, int v) SIMD_LAMBDA { return target + r * targetStep + v * kWidth; };
  const auto read = [=](const float* from, int v)
                        SIMD_LAMBDA { return v == V - 1 && partial ? loadLanes(from, last) : load(from); };
  if (line.bias != nullptr) {
    Vec biases[V];
    SIMD_UNROLL
    for (int v = 0; v < V; ++v) biases[v] = read(line.bias + v * kWidth, v);
    SIMD_EACH_SUM sum[r][v] = add(sum[r][v], biases[v]);
  }
  if (line.accumulate) {
    SIMD_EACH_SUM sum[r][v] = add(sum[r][v], read(place(r, v), v));
  }
  if (line.relu) {
    const Vec unused = all(0.0f);
    SIMD_EACH_SUM sum[r][v] = activate<kActivationRelu>(sum[r][v], unused);
  }
  if (!partial) {
    SIMD_EACH_SUM store(place(r, v), sum[r][v]);
    return;
  }
  SIMD_UNROLL_ALL
  for (int r = 0; r < R; ++r) {
    SIMD_UNROLL
    for (int v = 0; v < V - 1; ++v) store(place(r, v), sum[r][v]);
    storeLanes(place(r, V - 1), last, sum[r][V - 1]);
  }
}

/** R rows of V vectors of the gradient of the weights. */
template <int R, int V>
SIMD_NOINLINE void convWeightTile(const ConvWeightBlock& block, const float* source, float* sums) {
  // Few sums would wait for each other: neighbouring pixels then go to sums of their own.
  constexpr int kSets = R * V >= 8 ? 1 : R * V >= 4 ? 2 : 4;
  Vec sum[kSets][R][V];
  SIMD_UNROLL
  for (int s = 0; s < kSets; ++s) {
    SIMD_EACH_SUM sum[s][r][v] = all(0.0f);
  }
  const Index sourceStep = block.sourceStep, gradientStep = block.gradientStep;
  for (Index sample = 0; sample < block.samples; ++sample) {
    for (Index row = 0; row < block.lines; ++row) {
      const float* a = source + sample * block.sourceSample + row * block.sourceLine;
      const float* g = block.gradient + sample * block.gradientSample + row * block.gradientLine;
      Index left = block.pixels;
      for (; left >= kSets; left -= kSets) {
        SIMD_UNROLL
        for (int s = 0; s < kSets; ++s) {
          Vec right[V];
          SIMD_UNROLL
          for (int v = 0; v < V; ++v) right[v] = load(g + v * kWidth);
          SIMD_UNROLL_ALL
          for (int r = 0; r < R; ++r) {
            const Vec value = all(a[r]);
            SIMD_UNROLL
            for (int v = 0; v < V; ++v) sum[s][r][v] = multiplyAdd(value, right[v], sum[s][r][v]);
          }
          a += sourceStep;
          g += gradientStep;
        }
      }
      if (kSets == 1) continue;
      for (; left > 0; --left) {
        SIMD_EACH_SUM sum[0][r][v] = multiplyAdd(all(a[r]), load(g + v * kWidth), sum[0][r][v]);
        a += sourceStep;
        g += gradientStep;
      }
    }
  }
  SIMD_UNROLL
  for (int s = 1; s < kSets; ++s) {
    SIMD_EACH_SUM sum[0][r][v] = add(sum[0][r][v], sum[s][r][v]);
  }
  SIMD_EACH_SUM {
    float* const to = sums + (r * V + v) * kWidth;
    store(to, add(load(to), sum[0][r][v]));
  }
}
#undef SIMD_EACH_SUM

using ConvTileFunction = void (*)(const ConvLine&, const float*, float*);
using ConvWeightFunction = void (*)(const ConvWeightBlock&, const float*, float*);

template <int V, int... rows>
struct ConvTileList {
  static constexpr ConvTileFunction tiles[] = {convTile<rows + 1, V>...};
  static constexpr ConvWeightFunction weights[] = {convWeightTile<rows + 1, V>...};
};
template <int V, int N, int... rows>
struct ConvTileRange : ConvTileRange<V, N - 1, N - 1, rows...> {};
template <int V, int... rows>
struct ConvTileRange<V, 0, rows...> : ConvTileList<V, rows...> {};

/** The tiles of `vectors` vectors, by rows; most: how many rows there are at most. */
struct ConvTiles {
  const ConvTileFunction* tiles;
  const ConvWeightFunction* weights;
  Index most;
};
template <int V = kConvVectors>
ConvTiles convTiles(Index vectors) {
  if constexpr (V > 1) {
    if (vectors < V) return convTiles<V - 1>(vectors);
  }
  using Tiles = ConvTileRange<V, kConvRows[V - 1]>;
  return {Tiles::tiles, Tiles::weights, kConvRows[V - 1]};
}

void convLineKernel(const ConvLine& line) {
  const ConvTiles tiles = convTiles(vectorsOf(line.channels));
  const EvenPieces pieces = evenPieces(line.count, tiles.most);
  const float* source = line.source;
  float* target = line.target;
  for (Index i = 0; i < pieces.count; ++i) {
    const Index rows = pieces.base + (i < pieces.larger ? 1 : 0);
    tiles.tiles[rows - 1](line, source, target);
    source += rows * line.sourceStep;
    target += rows * line.targetStep;
  }
}

void convWeightKernel(const ConvWeightBlock& block) {
  const Index vectors = vectorsOf(block.channels);
  const ConvTiles tiles = convTiles(vectors);
  const EvenPieces pieces = evenPieces(block.rows, tiles.most);
  const float* source = block.source;
  float* sums = block.sums;
  for (Index i = 0; i < pieces.count; ++i) {
    const Index rows = pieces.base + (i < pieces.larger ? 1 : 0);
    tiles.weights[rows - 1](block, source, sums);
    source += rows;
    sums += rows * vectors * kWidth;
  }
}

void addRowsKernel(const float* x, Index rows, Index step, Index channels, float* sums) {
  forEachVector(channels, [=](auto get, auto put) SIMD_LAMBDA {
    // Four chains hide the latency of an addition; which row belongs to which follows from its number.
    Vec sum[4] = {all(0.0f), all(0.0f), all(0.0f), all(0.0f)};
    const float* from = x;
    Index i = 0;
    for (; i + 4 <= rows; i += 4) {
      SIMD_UNROLL
      for (int s = 0; s < 4; ++s) sum[s] = add(sum[s], get(from + s * step));
      from += 4 * step;
    }
    for (; i < rows; ++i, from += step) sum[0] = add(sum[0], get(from));
    put(sums, add(get(sums), add(add(sum[0], sum[1]), add(sum[2], sum[3]))));
  });
}

void addPlanesKernel(const float* x, Index points, Index channels, float* sums) {
  for (Index c = 0; c < channels; ++c, x += points) {
    Vec total = all(0.0f);
    forEachVector(points, [&](auto get, auto) SIMD_LAMBDA { total = add(total, get(x)); });
    float lanes[kWidth];
    store(lanes, total);
    for (Index half = kWidth / 2; half > 0; half /= 2) {
      for (Index i = 0; i < half; ++i) lanes[i] += lanes[i + half];
    }
    sums[c] += lanes[0];
  }
}

}  // namespace
}  // namespace deltalab
