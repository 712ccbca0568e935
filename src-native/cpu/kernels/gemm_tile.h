#pragma once

// The product kernel, written once for every instruction set. Include one simd_*.h, vector_math.h and
// elementwise_kernels.h before this file, and define
//   kTileRows[v]   most rows of a tile of v + 1 vectors: all accumulators and the vectors of B stay in registers;
//   kPanelVectors  vectors of a panel of a packed B: with its most rows, the fastest tile.

namespace deltalab {
namespace {

constexpr Index kMostVectors = 4;
constexpr Index kPanelColumns = kPanelVectors * kWidth;

/** One tile of C: R rows, `vectors` vectors of which the last has `last` lanes. */
struct Tile {
  const GemmBlock* block;
  const float* a;
  const float* b;
  float* c;
  const float* bias;
  /** Lanes of the last vector: in C, and in B, where a packed panel can be read whole. */
  Lanes last, lastRead;
};

#define SIMD_EACH_SUM                     \
  SIMD_UNROLL                             \
  for (int r = 0; r < R; ++r) SIMD_UNROLL \
  for (int v = 0; v < V; ++v)

/**
 * Not inlined: inside a larger function GCC keeps the vectors of B in memory, which halves the speed.
 * `Partial`: the last vector is masked, in C and in an unpacked B.
 */
template <int R, int V, bool Partial>
SIMD_NOINLINE void gemmTile(const Tile& tile) {
  const GemmBlock& block = *tile.block;
  Vec sum[R][V];
  SIMD_EACH_SUM sum[r][v] = all(0.0f);
  {
    // Three rows share a pointer: base, base + stride and base + 2 · stride are all addresses one instruction can form.
    constexpr int kBases = (R + 2) / 3;
    const float* bases[kBases];
    Index aRow = block.aRow, aStep = block.aStep, bStep = block.bStep;
    SIMD_OPAQUE(aRow);
    SIMD_OPAQUE(aStep);
    SIMD_OPAQUE(bStep);
    bases[0] = tile.a;
    for (int i = 1; i < kBases; ++i) {
      bases[i] = bases[i - 1] + 3 * aRow;
      SIMD_OPAQUE(bases[i]);
    }
    const float* b = tile.b;
    for (Index k = block.k; k > 0; --k) {
      // Of rows and columns, the fewer are held in registers while the others pass by.
      const auto left = [&](int r) SIMD_LAMBDA { return all(bases[r / 3][(r % 3) * aRow]); };
      const auto right = [&](int v) SIMD_LAMBDA {
        Vec values = Partial && v == V - 1 ? loadLanes(b + v * kWidth, tile.lastRead) : load(b + v * kWidth);
        if (R > 1) hold(values);
        return values;
      };
      if constexpr (R < V) {
        Vec rows[R];
        SIMD_UNROLL
        for (int r = 0; r < R; ++r) rows[r] = left(r);
        SIMD_UNROLL
        for (int v = 0; v < V; ++v) {
          const Vec column = right(v);
          SIMD_UNROLL
          for (int r = 0; r < R; ++r) sum[r][v] = multiplyAdd(rows[r], column, sum[r][v]);
        }
      } else {
        Vec columns[V];
        SIMD_UNROLL
        for (int v = 0; v < V; ++v) columns[v] = right(v);
        SIMD_UNROLL
        for (int r = 0; r < R; ++r) {
          const Vec row = left(r);
          SIMD_UNROLL
          for (int v = 0; v < V; ++v) sum[r][v] = multiplyAdd(row, columns[v], sum[r][v]);
        }
      }
      SIMD_UNROLL
      for (int i = 0; i < kBases; ++i) bases[i] += aStep;
      b += bStep;
    }
  }

  // Stage by stage over all accumulators, so that a stage that is not needed costs one branch.
  // What the stores could overwrite, as far as the compiler knows, is read before.
  float* const c = tile.c;
  const Index cRow = block.cRow;
  const Lanes last = tile.last;
  const auto place = [=](int r, int v) SIMD_LAMBDA { return c + r * cRow + v * kWidth; };
  const auto read = [=](const float* from, int v)
                        SIMD_LAMBDA { return Partial && v == V - 1 ? loadLanes(from, last) : load(from); };
  const Vec alpha = all(block.alpha);
  if (!block.first) {
    SIMD_EACH_SUM sum[r][v] = multiplyAdd(alpha, sum[r][v], read(place(r, v), v));
  } else {
    if (block.alpha != 1.0f) {
      SIMD_EACH_SUM sum[r][v] = multiply(alpha, sum[r][v]);
    }
    if (block.beta != 0.0f) {
      const Vec beta = all(block.beta);
      SIMD_EACH_SUM sum[r][v] = multiplyAdd(beta, read(place(r, v), v), sum[r][v]);
    }
  }
  if (tile.bias != nullptr) {
    if (block.biasPerRow) {
      SIMD_EACH_SUM sum[r][v] = add(sum[r][v], all(tile.bias[r]));
    } else {
      Vec biases[V];
      SIMD_UNROLL
      for (int v = 0; v < V; ++v) biases[v] = read(tile.bias + v * kWidth, v);
      SIMD_EACH_SUM sum[r][v] = add(sum[r][v], biases[v]);
    }
  }
  if (block.last && block.activation == kActivationRelu) {
    SIMD_EACH_SUM sum[r][v] = activate<kActivationRelu>(sum[r][v], alpha);
  }
  SIMD_UNROLL
  for (int r = 0; r < R; ++r) {
    SIMD_UNROLL
    for (int v = 0; v < V; ++v) {
      if (Partial && v == V - 1) {
        storeLanes(place(r, v), last, sum[r][v]);
      } else {
        store(place(r, v), sum[r][v]);
      }
    }
  }
}
#undef SIMD_EACH_SUM

using TileFunction = void (*)(const Tile&);

template <int V, bool Partial, int... rows>
struct TileColumn {
  static constexpr TileFunction functions[] = {gemmTile<rows + 1, V, Partial>...};
};
template <int V, bool Partial, int N, int... rows>
struct TileRange : TileRange<V, Partial, N - 1, N - 1, rows...> {};
template <int V, bool Partial, int... rows>
struct TileRange<V, Partial, 0, rows...> : TileColumn<V, Partial, rows...> {};

/** Tiles by vectors and by whether the last is partial; each list by rows. */
template <int V>
SIMD_FUNCTION TileFunction tileFunction(Index rows, bool partial) {
  return partial ? TileRange<V, true, kTileRows[V - 1]>::functions[rows - 1]
                 : TileRange<V, false, kTileRows[V - 1]>::functions[rows - 1];
}

TileFunction findTile(Index vectors, Index rows, bool partial) {
  switch (vectors) {
    case 1:
      return tileFunction<1>(rows, partial);
    case 2:
      return tileFunction<2>(rows, partial);
    case 3:
      return tileFunction<3>(rows, partial);
    default:
      return tileFunction<4>(rows, partial);
  }
}

/** Applies the activation to m rows of n finished values; Relu has been applied in the tile. */
void activateRows(const GemmBlock& block) {
  if (block.activation == kActivationNone || block.activation == kActivationRelu) return;
  if (block.cRow == block.n) {
    activationForwardKernel(block.activation, block.c, block.c, block.m * block.n, block.activationAlpha);
    return;
  }
  for (Index i = 0; i < block.m; ++i) {
    float* const row = block.c + i * block.cRow;
    activationForwardKernel(block.activation, row, row, block.n, block.activationAlpha);
  }
}

/** The columns of one stripe of tiles, from `column` on. */
struct Stripe {
  Index column, width, vectors;
  bool partial;
};

Stripe stripeAt(const GemmBlock& block, Index column) {
  const Index left = block.n - column;
  const Index leftVectors = (left + kWidth - 1) / kWidth;
  Stripe stripe;
  stripe.column = column;
  stripe.vectors = kPanelVectors;
  // Few rows, or one vector more than a panel, are cheaper as a wider tile, when B is not bound to panels.
  while (!block.bPacked && stripe.vectors < kMostVectors &&
         (block.m <= kTileRows[stripe.vectors] || leftVectors == stripe.vectors + 1)) {
    ++stripe.vectors;
  }
  if (leftVectors < stripe.vectors) stripe.vectors = leftVectors;
  stripe.width = left < stripe.vectors * kWidth ? left : stripe.vectors * kWidth;
  stripe.partial = stripe.width % kWidth != 0;
  return stripe;
}

/** Rows `row`..`end` of one stripe, in tiles of nearly equal height: 16 rows are 8 + 8, not 14 + 2. */
void stripeOfTiles(const GemmBlock& block, const Stripe& stripe, Index row, Index end) {
  Tile tile;
  tile.block = &block;
  tile.last = firstLanes(stripe.width - (stripe.vectors - 1) * kWidth);
  tile.lastRead = block.bPacked ? firstLanes(kWidth) : tile.last;
  tile.b = block.bPacked ? block.b + stripe.column / kPanelColumns * block.bPanel : block.b + stripe.column;
  const float* const bias = block.last ? block.bias : nullptr;

  const Index most = kTileRows[stripe.vectors - 1];
  const Index tiles = (end - row + most - 1) / most;
  const Index base = (end - row) / tiles, larger = (end - row) % tiles;
  TileFunction function = findTile(stripe.vectors, base + (larger != 0), stripe.partial);
  for (Index i = 0; i < tiles; ++i) {
    if (i == larger && larger != 0) function = findTile(stripe.vectors, base, stripe.partial);
    tile.a = block.a + row * block.aRow;
    tile.bias = bias == nullptr ? nullptr : bias + (block.biasPerRow ? row : stripe.column);
    tile.c = block.c + row * block.cRow + stripe.column;
    function(tile);
    row += base + (i < larger);
  }
}

/** Up to this many steps the result, not the operands, is most of the memory traffic. */
constexpr Index kFewSteps = 64;

void gemmBlockKernel(const GemmBlock& block) {
  // A long product keeps a panel of B near and passes the rows by. A short one writes C in the order it lies in memory, some rows at a
  // time, as many as a tile has, and as evenly as they go.
  const Index most = kTileRows[kPanelVectors - 1];
  const Index parts = block.k <= kFewSteps ? (block.m + most - 1) / most : 1;
  for (Index part = 0; part < parts; ++part) {
    const Index row = block.m * part / parts, end = block.m * (part + 1) / parts;
    for (Index column = 0; column < block.n;) {
      const Stripe stripe = stripeAt(block, column);
      stripeOfTiles(block, stripe, row, end);
      column += stripe.width;
    }
  }
  if (block.last) activateRows(block);
}

void packRowsKernel(const float* from, Index stride, Index k, Index n, float* panel) {
  const Index vectors = (n + kWidth - 1) / kWidth;
  const Lanes last = firstLanes(n - (vectors - 1) * kWidth);
  for (Index i = 0; i < k; ++i, from += stride, panel += kPanelColumns) {
    for (Index v = 0; v + 1 < vectors; ++v) store(panel + v * kWidth, load(from + v * kWidth));
    store(panel + (vectors - 1) * kWidth, loadLanes(from + (vectors - 1) * kWidth, last));
  }
}

/** kWidth columns of `to` from as many whole rows of `from`. Returns the steps of k that were done. */
Index transposeWhole(const float* from, Index stride, Index k, float* to, Index toStride) {
  Index i = 0;
  for (; i + kWidth <= k; i += kWidth) {
    Vec block[kWidth];
    const float* row = from + i;
    SIMD_UNROLL
    for (Index j = 0; j < kWidth; ++j) {
      block[j] = load(row);
      row += stride;
    }
    transpose(block);
    SIMD_UNROLL
    for (Index j = 0; j < kWidth; ++j) store(to + (i + j) * toStride, block[j]);
  }
  return i;
}

/** The same for n <= kWidth rows or the last steps of k. Stores the first `width` lanes of each column; those beyond n are zero. */
void transposePartial(const float* from, Index stride, Index k, Index n, float* to, Index toStride, Index width) {
  const Lanes stored = firstLanes(width);
  for (Index i = 0; i < k; i += kWidth) {
    const Index steps = k - i < kWidth ? k - i : kWidth;
    const Lanes lanes = firstLanes(steps);
    Vec block[kWidth];
    for (Index j = 0; j < kWidth; ++j) block[j] = j < n ? loadLanes(from + j * stride + i, lanes) : all(0.0f);
    transpose(block);
    for (Index j = 0; j < steps; ++j) storeLanes(to + (i + j) * toStride, stored, block[j]);
  }
}

void packColumnsKernel(const float* from, Index stride, Index k, Index n, float* panel) {
  for (Index column = 0; column < n; column += kWidth) {
    const Index left = n - column < kWidth ? n - column : kWidth;
    const float* const rows = from + column * stride;
    const Index done = left == kWidth ? transposeWhole(rows, stride, k, panel + column, kPanelColumns) : 0;
    transposePartial(rows + done, stride, k - done, left, panel + column + done * kPanelColumns, kPanelColumns, kWidth);
  }
}

void transposeKernel(const float* from, Index stride, Index rows, Index columns, float* to, Index toStride) {
  for (Index row = 0; row < rows; row += kWidth) {
    const Index left = rows - row < kWidth ? rows - row : kWidth;
    const float* const lines = from + row * stride;
    const Index done = left == kWidth ? transposeWhole(lines, stride, columns, to + row, toStride) : 0;
    transposePartial(lines + done, stride, columns - done, left, to + row + done * toStride, toStride, left);
  }
}

}  // namespace
}  // namespace deltalab
