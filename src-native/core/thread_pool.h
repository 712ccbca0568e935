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

  /** Calls task(context, i) once for every i in 0..count-1, in any order, and returns when all have returned. Tasks
   * must not throw. */
  void run(int count, void (*task)(void* context, int index), void* context);

  /** `run` for a callable that takes the index. */
  template <class F>
  void forEach(int count, F&& f) {
    using Callable = std::remove_reference_t<F>;
    run(
        count, [](void* context, int index) { (*static_cast<Callable*>(context))(index); },
        const_cast<void*>(static_cast<const void*>(std::addressof(f))));
  }

 private:
  void work();
  void claim();

  using Task = void (*)(void*, int);
  // The job in hand. Written only while `open_` is false and `inside_` is 0.
  Task task_ = nullptr;
  void* context_ = nullptr;
  int count_ = 0;
  int spins_ = 0;

  alignas(64) std::atomic<int> next_{0};
  alignas(64) std::atomic<bool> open_{false};
  std::atomic<uint64_t> generation_{0};
  alignas(64) std::atomic<int> inside_{0};
  alignas(64) std::atomic<int> sleepers_{0};
  std::atomic<bool> stopping_{false};
  std::mutex mutex_;
  std::condition_variable wake_;
  std::vector<std::thread> workers_;
};

}  // namespace deltalab
