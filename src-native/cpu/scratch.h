#pragma once

#include <algorithm>
#include <cstddef>
#include <memory>
#include <new>
#include <vector>

#include "../core/thread_pool.h"

namespace deltalab {

/** Memory for the time of one call: a block that all threads see, and one for each thread. Grows to the largest use seen and stays. */
class Scratch {
 public:
  /** Contents are lost when it grows. */
  float* shared(size_t floats) { return shared_.of(floats); }

  /** f(task, memory of the thread) for every task, on the pool's threads when `parallel`. */
  template <class F>
  void forEachTask(ThreadPool& pool, bool parallel, size_t tasks, size_t floats, F&& f) {
    const size_t threads = parallel && tasks > 1 ? static_cast<size_t>(pool.threads()) : 1;
    if (slots_.size() < threads) slots_.resize(threads);
    for (size_t i = 0; i < threads; ++i) slots_[i].of(floats);
    if (threads <= 1) {
      for (size_t task = 0; task < tasks; ++task) f(task, slots_[0].of(floats));
      return;
    }
    pool.forEach(static_cast<int>(tasks), [&](int task, int thread) {
      f(static_cast<size_t>(task), slots_[static_cast<size_t>(thread)].of(floats));
    });
  }

  size_t bytes() const {
    size_t floats = shared_.size;
    for (const Block& slot : slots_) floats += slot.size;
    return floats * sizeof(float);
  }

 private:
  static constexpr std::align_val_t kLine{64};
  struct Free {
    void operator()(float* data) const { ::operator delete(data, kLine); }
  };
  struct Block {
    std::unique_ptr<float, Free> data;
    size_t size = 0;

    float* of(size_t floats) {
      if (floats > size || !data) {
        data.reset();
        size = std::max<size_t>(floats, 16);
        data.reset(static_cast<float*>(::operator new(size * sizeof(float), kLine)));
      }
      return data.get();
    }
  };

  Block shared_;
  std::vector<Block> slots_;
};

}  // namespace deltalab
