#include "arena.h"

#include <algorithm>
#include <numeric>

namespace deltalab {

size_t layOut(std::vector<ArenaBlock>& blocks) {
  std::vector<size_t> order(blocks.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) { return blocks[a].size > blocks[b].size; });

  size_t total = 0;
  std::vector<const ArenaBlock*> placed;  // by offset
  for (size_t index : order) {
    ArenaBlock& block = blocks[index];
    size_t offset = 0;
    for (const ArenaBlock* other : placed) {
      const bool together = other->begin <= block.end && block.begin <= other->end;
      if (!together) continue;
      if (offset + block.size <= other->offset) break;
      offset = std::max(offset, other->offset + other->size);
    }
    block.offset = offset;
    total = std::max(total, offset + block.size);
    placed.insert(std::upper_bound(placed.begin(), placed.end(), &block,
                                   [](const ArenaBlock* a, const ArenaBlock* b) { return a->offset < b->offset; }),
                  &block);
  }
  return total;
}

}  // namespace deltalab
