#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <thread>
#include <type_traits>
#include <vector>

namespace deltalab {

/**
 * Persistent worker threads. A waiting worker spins for some tens of microseconds, then sleeps. `run` allocates
 * nothing. One caller at a time. A task may call `run` again: the inner call runs on the thread it is made from.
 *
 * Every thread begins with a contiguous share of the indices, the same one for the same count, and helps others when it
 * is done. Jobs whose indices stand for the same parts of memory therefore find them in the caches of their core.
 */
class ThreadPool {
 public:
  /** Counts the calling thread: 1 starts no workers and runs everything inline. Throws std::invalid_argument below 1.
   */
  explicit ThreadPool(int threads);
  ~ThreadPool();
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  int threads() const { return static_cast<int>(workers_.size()) + 1; }

  /**
   * Calls task(context, i, thread) once for every i in 0..count-1 and returns when all have returned. `thread`, below
   * threads(), is the same for calls that follow each other and differs for those at a time. Tasks must not throw.
   */
  void run(int count, void (*task)(void* context, int index, int thread), void* context);

  /** `run` for a callable that takes the index, or index and thread. */
  template <class F>
  void forEach(int count, F&& f) {
    using Callable = std::remove_reference_t<F>;
    run(
        count,
        [](void* context, int index, int thread) {
          Callable& callable = *static_cast<Callable*>(context);
          if constexpr (std::is_invocable_v<Callable&, int, int>) callable(index, thread);
          else callable(index);
        },
        const_cast<void*>(static_cast<const void*>(std::addressof(f))));
  }

 private:
  using Task = void (*)(void*, int, int);
  /** A number that counts up, above a number of indices: in one word, so that they are always read together. */
  using Numbered = uint64_t;
  /** How far the share of a thread has been handed out: the job in whose course that was, and the next index. */
  struct alignas(64) Share {
    std::atomic<Numbered> next{0};
  };

  void work(int thread);
  void wait(uint32_t seen);
  uint64_t help(Numbered job, int thread);
  int claim(Share& share, uint32_t job, int begin, int end);

  int spins_ = 0;
  // What a worker has to know of the job in hand lies in one cache line, and its answer in another.
  alignas(64) std::atomic<Numbered> job_{0};
  std::atomic<Task> task_{nullptr};
  std::atomic<void*> context_{nullptr};
  /** Indices that workers have finished, of all jobs. */
  alignas(64) std::atomic<uint64_t> finished_{0};
  alignas(64) std::atomic<int> sleepers_{0};
  std::atomic<bool> stopping_{false};
  /** What `finished_` will be when the job in hand is done; of the caller alone. */
  uint64_t expected_ = 0;
  std::mutex mutex_;
  std::condition_variable wake_;
  /** One per thread, the caller's first. */
  std::unique_ptr<Share[]> shares_;
  std::vector<std::thread> workers_;
};

}  // namespace deltalab
