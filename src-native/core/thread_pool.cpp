#include "thread_pool.h"

#include <stdexcept>

#if defined(__x86_64__) || defined(_M_X64) || defined(__i386__) || defined(_M_IX86)
#include <immintrin.h>
#endif

namespace deltalab {
namespace {

void pause() {
#if defined(__x86_64__) || defined(_M_X64) || defined(__i386__) || defined(_M_IX86)
  _mm_pause();
#elif defined(__aarch64__) && defined(__GNUC__)
  __asm__ __volatile__("yield");
#endif
}

// About 30 µs: longer than the gap between two jobs of a training step, short enough not to be felt by other programs.
constexpr int kSpins = 2000;

// A task that calls `run` must not wait for the pool that is running it.
thread_local bool insideTask = false;

}  // namespace

ThreadPool::ThreadPool(int threads) {
  if (threads < 1) throw std::invalid_argument("ThreadPool: threads must be at least 1");
  const unsigned processors = std::thread::hardware_concurrency();
  // With more threads than processors a spinning thread takes time from the one it waits for.
  spins_ = processors != 0 && static_cast<unsigned>(threads) > processors ? 0 : kSpins;
  workers_.reserve(static_cast<size_t>(threads - 1));
  for (int i = 1; i < threads; ++i) workers_.emplace_back([this] { work(); });
}

ThreadPool::~ThreadPool() {
  {
    std::lock_guard<std::mutex> lock(mutex_);
    stopping_.store(true);
    generation_.fetch_add(1);
  }
  wake_.notify_all();
  for (std::thread& worker : workers_) worker.join();
}

void ThreadPool::claim() {
  insideTask = true;
  const int count = count_;
  const Task task = task_;
  void* const context = context_;
  for (int index = next_.fetch_add(1, std::memory_order_relaxed); index < count;
       index = next_.fetch_add(1, std::memory_order_relaxed)) {
    task(context, index);
  }
  insideTask = false;
}

void ThreadPool::work() {
  uint64_t seen = 0;
  for (;;) {
    for (int spin = 0; spin < spins_ && generation_.load(std::memory_order_acquire) == seen; ++spin) pause();
    if (generation_.load() == seen) {
      std::unique_lock<std::mutex> lock(mutex_);
      // `sleepers_` is raised before the last look at the generation, and `run` raises the generation before it looks
      // at `sleepers_` (both sequentially consistent): one of the two sees the other, so no wake-up is lost.
      sleepers_.fetch_add(1);
      wake_.wait(lock, [&] { return generation_.load() != seen; });
      sleepers_.fetch_sub(1);
    }
    seen = generation_.load();
    if (stopping_.load()) return;
    // Announce first, then look: `run` closes the job first, then looks at `inside_`. A worker that wakes late finds
    // the job closed and nobody waits for it.
    inside_.fetch_add(1);
    if (open_.load()) claim();
    inside_.fetch_sub(1);
  }
}

void ThreadPool::run(int count, Task task, void* context) {
  if (count <= 0) return;
  if (count == 1 || workers_.empty() || insideTask) {
    for (int index = 0; index < count; ++index) task(context, index);
    return;
  }
  task_ = task;
  context_ = context;
  count_ = count;
  next_.store(0, std::memory_order_relaxed);
  open_.store(true);
  generation_.fetch_add(1);
  if (sleepers_.load() > 0) {
    // Taking the lock once puts the notification after the sleeper's check of the generation.
    {
      std::lock_guard<std::mutex> lock(mutex_);
    }
    wake_.notify_all();
  }
  claim();
  open_.store(false);
  for (int spin = 0; inside_.load() != 0; ++spin) {
    if (spin < spins_) {
      pause();
    } else {
      std::this_thread::yield();
    }
  }
}

}  // namespace deltalab
