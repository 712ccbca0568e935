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

uint64_t numbered(uint32_t number, int value) { return uint64_t{number} << 32 | static_cast<uint32_t>(value); }
uint32_t numberOf(uint64_t numbered) { return static_cast<uint32_t>(numbered >> 32); }
int valueOf(uint64_t numbered) { return static_cast<int>(static_cast<uint32_t>(numbered)); }

}  // namespace

ThreadPool::ThreadPool(int threads) {
  if (threads < 1) throw std::invalid_argument("ThreadPool: threads must be at least 1");
  const unsigned processors = std::thread::hardware_concurrency();
  // With more threads than processors a spinning thread takes time from the one it waits for.
  spins_ = processors != 0 && static_cast<unsigned>(threads) > processors ? 0 : kSpins;
  shares_ = std::make_unique<Share[]>(static_cast<size_t>(threads));
  workers_.reserve(static_cast<size_t>(threads - 1));
  for (int i = 1; i < threads; ++i) workers_.emplace_back([this, i] { work(i); });
}

ThreadPool::~ThreadPool() {
  {
    std::lock_guard<std::mutex> lock(mutex_);
    stopping_.store(true);
    job_.store(numbered(numberOf(job_.load()) + 1, 0));
  }
  wake_.notify_all();
  for (std::thread& worker : workers_) worker.join();
}

/**
 * The next index begin..end - 1 of a share in the course of `job`, or -1. The first to come in a job begins the share anew. One that comes
 * when the job is over, and a later one may be in hand, is told by the numbers: every job leaves its own in every share.
 */
int ThreadPool::claim(Share& share, uint32_t job, int begin, int end) {
  Numbered now = share.next.load(std::memory_order_relaxed);
  for (;;) {
    const bool begun = numberOf(now) == job;
    if (!begun && static_cast<int32_t>(job - numberOf(now)) < 0) return -1;
    const int index = begun ? valueOf(now) : begin;
    const bool any = index < end;
    if (begun && !any) return -1;
    if (share.next.compare_exchange_weak(now, numbered(job, any ? index + 1 : index), std::memory_order_relaxed)) {
      return any ? index : -1;
    }
  }
}

/** Runs what is left of a job, a thread's own share first; returns how many indices that were. */
uint64_t ThreadPool::help(Numbered job, int thread) {
  // May already be those of a later job, but then nothing is left to claim of this one.
  const Task task = task_.load(std::memory_order_relaxed);
  void* const context = context_.load(std::memory_order_relaxed);
  const int all = threads();
  const int64_t count = valueOf(job);
  uint64_t done = 0;
  insideTask = true;
  for (int i = 0; i < all; ++i) {
    const int of = (thread + i) % all;
    const int begin = static_cast<int>(count * of / all), end = static_cast<int>(count * (of + 1) / all);
    Share& share = shares_[static_cast<size_t>(of)];
    for (int index = claim(share, numberOf(job), begin, end); index >= 0; index = claim(share, numberOf(job), begin, end)) {
      task(context, index, thread);
      ++done;
    }
  }
  insideTask = false;
  return done;
}

/** Returns when there is a job after the one `seen`. */
void ThreadPool::wait(uint32_t seen) {
  for (int spin = 0; spin < spins_; ++spin) {
    if (numberOf(job_.load(std::memory_order_acquire)) != seen) return;
    pause();
  }
  std::unique_lock<std::mutex> lock(mutex_);
  // `sleepers_` is raised before the last look at the job, and `run` publishes the job before it looks at `sleepers_`
  // (both sequentially consistent): one of the two sees the other, so no wake-up is lost.
  sleepers_.fetch_add(1);
  wake_.wait(lock, [&] { return numberOf(job_.load()) != seen; });
  sleepers_.fetch_sub(1);
}

void ThreadPool::work(int thread) {
  uint32_t seen = 0;
  for (;;) {
    wait(seen);
    const Numbered job = job_.load(std::memory_order_acquire);
    seen = numberOf(job);
    if (stopping_.load()) return;
    const uint64_t done = help(job, thread);
    if (done != 0) finished_.fetch_add(done, std::memory_order_release);
  }
}

void ThreadPool::run(int count, Task task, void* context) {
  if (count <= 0) return;
  if (count == 1 || workers_.empty() || insideTask) {
    for (int index = 0; index < count; ++index) task(context, index, 0);
    return;
  }
  task_.store(task, std::memory_order_relaxed);
  context_.store(context, std::memory_order_relaxed);
  const Numbered job = numbered(numberOf(job_.load(std::memory_order_relaxed)) + 1, count);
  job_.store(job);
  if (sleepers_.load() > 0) {
    // Taking the lock once puts the notification after the sleeper's check of the job.
    {
      std::lock_guard<std::mutex> lock(mutex_);
    }
    wake_.notify_all();
  }
  expected_ += static_cast<uint64_t>(count) - help(job, 0);
  for (int spin = 0; finished_.load(std::memory_order_acquire) != expected_; ++spin) {
    if (spin < spins_) pause();
    else std::this_thread::yield();
  }
}

}  // namespace deltalab
