#pragma once

#include <algorithm>

#include "gemm_tile.h"

namespace deltalab::cuda {

/**
 * How the sums over k of few elements are cut into pieces of equal length, each an item of the tile loop, or a few blocks would add up everything. What
 * the pieces come to lies [lanes][matrices][count][rows][columns], to be joined by joinPieces. Follows from the shapes of one lane.
 */
struct SumPieces {
  int depth = 1, length = 1, count = 1;

  SumPieces() = default;
  /** Of `matrices` products of so many rows and columns: enough tiles for all processors of a card, and some hundred values of k each. */
  SumPieces(int rows, int columns, int matrices, int k) {
    *this = whole(k);
    constexpr int kLeast = 512, kMost = 64, kTiles = 256;
    const size_t tiles = size_t{blocksFor(static_cast<size_t>(rows), 64)} * blocksFor(static_cast<size_t>(columns), 64) * static_cast<size_t>(matrices);
    if (tiles == 0) return;
    const int wanted = std::min({static_cast<int>(kTiles / std::min<size_t>(kTiles + 1, tiles)), depth / kLeast, kMost});
    if (wanted < 2) return;
    length = ((depth + wanted - 1) / wanted + kDepth - 1) / kDepth * kDepth;
    count = (depth + length - 1) / length;
  }

  /** One piece. */
  static SumPieces whole(int k) {
    SumPieces pieces;
    pieces.depth = pieces.length = k;
    return pieces;
  }

  /** Values of all pieces of so many elements; 0 where there is one piece, which is final. */
  size_t memory(size_t elements) const { return count == 1 ? 0 : elements * static_cast<size_t>(count); }

  __device__ Range range(int piece) const {
    const int begin = piece * length;
    return {begin, depth - begin < length ? depth : begin + length};
  }
};

template <class Store>
struct PiecesJoined {
  const float* parts;
  size_t pieces, matrix, lane;
  Store store;

  __device__ void operator()(int own, size_t i) const {
    const size_t item = quotient(i, matrix), element = i - item * matrix;
    const float* from = parts + static_cast<size_t>(own) * lane + item * pieces * matrix + element;
    double sum = 0;
    for (size_t piece = 0; piece < pieces; ++piece) sum += static_cast<double>(from[piece * matrix]);
    store(own, item, element, static_cast<float>(sum));
  }
};

/** store(lane, matrix, element, sum) for all elements of all lanes, the pieces being added in their order. */
template <class Store>
void joinPieces(Stream& stream, int lanes, const SumPieces& pieces, size_t matrices, size_t elements, const float* parts, const Store& store) {
  const size_t count = static_cast<size_t>(pieces.count);
  forEachElement(stream, lanes, matrices * elements, PiecesJoined<Store>{parts, count, elements, matrices * count * elements, store});
}

}  // namespace deltalab::cuda
