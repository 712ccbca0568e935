#include "core/thread_pool.h"

#include <atomic>
#include <chrono>
#include <stdexcept>
#include <thread>
#include <vector>

#include "harness.h"

using namespace deltalab;

TEST(thread_pool_runs_every_index_once) {
  for (int threads : {1, 2, 3, 8}) {
    ThreadPool pool(threads);
    CHECK_EQ(pool.threads(), threads);
    for (int count : {0, 1, 2, 7, 100, 1000}) {
      std::vector<std::atomic<int>> calls(static_cast<size_t>(count));
      pool.forEach(count, [&](int i) { calls[static_cast<size_t>(i)].fetch_add(1); });
      for (const auto& c : calls) CHECK_EQ(c.load(), 1);
    }
  }
}

TEST(thread_pool_results_are_visible_after_run) {
  ThreadPool pool(4);
  std::vector<int> values(64);
  int wrong = 0;
  for (int round = 1; round <= 20000; ++round) {
    pool.forEach(64, [&](int i) { values[static_cast<size_t>(i)] = round + i; });
    for (int i = 0; i < 64; ++i) wrong += values[static_cast<size_t>(i)] != round + i;
  }
  CHECK_EQ(wrong, 0);
}

TEST(thread_pool_wakes_sleeping_workers) {
  ThreadPool pool(3);
  for (int round = 0; round < 20; ++round) {
    // Long enough for the workers to stop spinning and sleep.
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
    std::atomic<int> sum{0};
    pool.forEach(10, [&](int i) { sum += i; });
    CHECK_EQ(sum.load(), 45);
  }
}

TEST(thread_pool_uses_several_threads) {
  ThreadPool pool(2);
  // Each task waits for the other: with one thread alone this would never end.
  std::atomic<int> arrived{0};
  pool.forEach(2, [&](int) {
    arrived.fetch_add(1);
    while (arrived.load() < 2) std::this_thread::yield();
  });
  CHECK_EQ(arrived.load(), 2);
}

TEST(thread_pool_gives_each_thread_a_share_of_its_own) {
  ThreadPool pool(2);
  // The first index of either half waits for the other: neither thread can have taken both.
  std::atomic<int> arrived{0};
  std::vector<int> threadOf(10, -1);
  pool.forEach(10, [&](int index, int thread) {
    threadOf[static_cast<size_t>(index)] = thread;
    if (index % 5 != 0) return;
    arrived.fetch_add(1);
    while (arrived.load() < 2) std::this_thread::yield();
  });
  CHECK_EQ(threadOf[0], 0);
  CHECK_EQ(threadOf[5], 1);
  for (int thread : threadOf) CHECK(thread == 0 || thread == 1);
}

TEST(thread_pool_helps_with_the_shares_of_others) {
  ThreadPool pool(2);
  for (int round = 0; round < 200; ++round) {
    // The caller holds on to the first index until all others are done, its own share among them.
    std::atomic<int> done{0};
    pool.forEach(10, [&](int index) {
      while (index == 0 && done.load() < 9) std::this_thread::yield();
      done.fetch_add(1);
    });
    CHECK_EQ(done.load(), 10);
  }
}

TEST(thread_pool_jobs_of_few_and_many_indices_in_turn) {
  // Shares without indices, and workers that come late, must not disturb the next job.
  ThreadPool pool(5);
  std::vector<int> calls(64);
  for (int round = 0; round < 20000; ++round) {
    const int count = round % 3 == 0 ? 64 : 2 + round % 3;
    pool.forEach(count, [&](int i) { ++calls[static_cast<size_t>(i)]; });
  }
  CHECK_EQ(calls[0], 20000);
  CHECK_EQ(calls[3], 20000 - 6667);
  CHECK_EQ(calls[63], 6667);
}

TEST(thread_pool_nested_run_is_inline) {
  ThreadPool pool(3);
  std::atomic<int> sum{0};
  std::atomic<int> elsewhere{0};
  pool.forEach(8, [&](int) {
    const std::thread::id outer = std::this_thread::get_id();
    pool.forEach(5, [&](int i) {
      sum += i;
      if (std::this_thread::get_id() != outer) elsewhere += 1;
    });
  });
  CHECK_EQ(sum.load(), 80);
  CHECK_EQ(elsewhere.load(), 0);
}

TEST(thread_pool_refuses_no_threads) {
  bool refused = false;
  try {
    ThreadPool pool(0);
  } catch (const std::invalid_argument&) {
    refused = true;
  }
  CHECK(refused);
}

TEST(thread_pool_comes_and_goes) {
  for (int i = 0; i < 50; ++i) {
    ThreadPool pool(4);
    std::atomic<int> sum{0};
    pool.forEach(i, [&](int j) { sum += j; });
    CHECK_EQ(sum.load(), i * (i - 1) / 2);
  }
}
