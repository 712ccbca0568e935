#include "emulation.h"

#include <setjmp.h>
#include <ucontext.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#undef threadIdx
#undef blockIdx
#undef blockDim
#undef gridDim

namespace deltalab::cuda::emulation {

Place place;

namespace {

constexpr size_t kStack = 64 * 1024;

/** Where a thread of a block stands: it may go on, it waits, or it is done. */
enum class Turn { Ready, Barrier, Exchange, Done };

/**
 * A thread of a block. Fibers are kept from block to block. A context is entered once; after that they jump, which asks nothing of the
 * operating system.
 */
struct Fiber {
  ucontext_t context;
  jmp_buf place;
  bool entered = false;
  std::unique_ptr<char[]> stack{new char[kStack]};
  Turn turn = Turn::Done;
  dim3 index;
  /** Its number in the block. */
  size_t number = 0;
  uint64_t given = 0;
};

/** The block that runs. */
struct Block {
  std::vector<std::unique_ptr<Fiber>> fibers;
  size_t threads = 0;
  Fiber* running = nullptr;
  jmp_buf scheduler;
  const std::function<void()>* body = nullptr;
  std::unique_ptr<std::max_align_t[]> shared;
};

Block& block() {
  static Block one;
  return one;
}

void rest(Turn turn) {
  block().running->turn = turn;
  if (_setjmp(block().running->place) == 0) _longjmp(block().scheduler, 1);
}

/** What a fiber does: one thread after another, each of another block. */
void enter() {
  for (;;) {
    (*block().body)();
    rest(Turn::Done);
  }
}

void resume(Fiber& fiber) {
  block().running = &fiber;
  place.threadIdx = fiber.index;
  if (_setjmp(block().scheduler) != 0) return;
  Fiber& chosen = *block().running;
  if (chosen.entered) _longjmp(chosen.place, 1);
  chosen.entered = true;
  setcontext(&chosen.context);
}

void prepare(Fiber& fiber, size_t number) {
  fiber.number = number;
  getcontext(&fiber.context);
  fiber.context.uc_stack.ss_sp = fiber.stack.get();
  fiber.context.uc_stack.ss_size = kStack;
  fiber.context.uc_link = nullptr;
  makecontext(&fiber.context, enter, 0);
}

/** Wakes the warps all of whose threads have come to an exchange. */
bool wakeWarps() {
  Block& own = block();
  bool woken = false;
  for (size_t first = 0; first < own.threads; first += 32) {
    const size_t end = first + 32 < own.threads ? first + 32 : own.threads;
    bool complete = true, any = false;
    for (size_t i = first; i < end; ++i) {
      const Turn turn = own.fibers[i]->turn;
      complete = complete && (turn == Turn::Exchange || turn == Turn::Done);
      any = any || turn == Turn::Exchange;
    }
    if (!complete || !any) continue;
    for (size_t i = first; i < end; ++i) {
      if (own.fibers[i]->turn == Turn::Exchange) own.fibers[i]->turn = Turn::Ready;
    }
    woken = true;
  }
  return woken;
}

/** Wakes the block where all of its threads have come to a barrier. */
bool wakeBlock() {
  Block& own = block();
  bool any = false;
  for (size_t i = 0; i < own.threads; ++i) {
    if (own.fibers[i]->turn == Turn::Exchange) return false;
    any = any || own.fibers[i]->turn == Turn::Barrier;
  }
  for (size_t i = 0; i < own.threads; ++i) {
    if (own.fibers[i]->turn == Turn::Barrier) own.fibers[i]->turn = Turn::Ready;
  }
  return any;
}

/** Kernels of several users run one at a time: there is one of everything above, and of the memory that a block shares. */
std::mutex& cardInUse() {
  static std::mutex mutex;
  return mutex;
}

void runBlock() {
  Block& own = block();
  for (;;) {
    bool over = true;
    for (size_t i = 0; i < own.threads; ++i) {
      while (own.fibers[i]->turn == Turn::Ready) resume(*own.fibers[i]);
      over = over && own.fibers[i]->turn == Turn::Done;
    }
    if (over) return;
    if (wakeWarps() || wakeBlock()) continue;
    std::fprintf(stderr, "cuda emulation: threads of a block wait for each other for ever\n");
    std::abort();
  }
}

/** f for every index below `limits`, x fastest. */
template <class F>
void forEachIndex(dim3 limits, F&& f) {
  for (unsigned z = 0; z < limits.z; ++z) {
    for (unsigned y = 0; y < limits.y; ++y) {
      for (unsigned x = 0; x < limits.x; ++x) f(dim3(x, y, z));
    }
  }
}

/** Whether another program has what was free. */
bool isTaken() {
  const char* file = std::getenv("DELTALAB_EMULATED_TAKEN");
  return file && std::filesystem::exists(file);
}

thread_local cudaError_t last = cudaSuccess;

/** Notes it where a kernel cannot be run. */
bool refuses() {
  const bool taken = isTaken();
  if (taken) last = cudaErrorMemoryAllocation;
  return taken;
}

}  // namespace

cudaError_t lastError() { return std::exchange(last, cudaSuccess); }

void barrier() { rest(Turn::Barrier); }

uint64_t exchange(uint64_t value, unsigned from) {
  Block& own = block();
  Fiber* self = own.running;
  self->given = value;
  rest(Turn::Exchange);
  const size_t other = self->number / 32 * 32 + from;
  const uint64_t taken = other < own.threads ? own.fibers[other]->given : value;
  // Nobody may give the next word before all have taken this one.
  rest(Turn::Exchange);
  return taken;
}

void* sharedMemory() { return block().shared.get(); }

void runGrid(dim3 grid, dim3 blockSize, size_t shared, const std::function<void()>& body) {
  if (refuses()) return;
  const std::lock_guard<std::mutex> lock(cardInUse());
  Block& own = block();
  const size_t pieces = (shared + sizeof(std::max_align_t) - 1) / sizeof(std::max_align_t);
  own.shared = pieces == 0 ? nullptr : std::make_unique<std::max_align_t[]>(pieces);
  own.threads = size_t{blockSize.x} * blockSize.y * blockSize.z;
  own.body = &body;
  while (own.fibers.size() < own.threads) {
    own.fibers.push_back(std::make_unique<Fiber>());
    prepare(*own.fibers.back(), own.fibers.size() - 1);
  }
  place.blockDim = blockSize;
  place.gridDim = grid;
  forEachIndex(grid, [&](dim3 index) {
    place.blockIdx = index;
    if (shared != 0) std::memset(own.shared.get(), 0xff, shared);
    size_t next = 0;
    forEachIndex(blockSize, [&](dim3 thread) {
      Fiber& fiber = *own.fibers[next++];
      fiber.turn = Turn::Ready;
      fiber.index = thread;
    });
    runBlock();
  });
}

void runFlat(dim3 grid, dim3 blockSize, const std::function<void()>& body) {
  if (refuses()) return;
  const std::lock_guard<std::mutex> lock(cardInUse());
  place.blockDim = blockSize;
  place.gridDim = grid;
  forEachIndex(grid, [&](dim3 index) {
    place.blockIdx = index;
    forEachIndex(blockSize, [&](dim3 thread) {
      place.threadIdx = thread;
      body();
    });
  });
}

namespace {

/** Of the environment; a whole number. */
size_t setting(const char* name, size_t otherwise) {
  const char* text = std::getenv(name);
  return text ? static_cast<size_t>(std::strtoull(text, nullptr, 10)) : otherwise;
}

struct Allocations {
  std::mutex mutex;
  std::map<void*, size_t> sizes;
  size_t used = 0;
};

Allocations& allocations() {
  static Allocations all;
  return all;
}

}  // namespace

Memory memory() {
  Allocations& all = allocations();
  const std::lock_guard<std::mutex> lock(all.mutex);
  const size_t total = setting("DELTALAB_EMULATED_MEMORY", 1024) << 20;
  return {total, total > all.used && !isTaken() ? total - all.used : 0};
}

void* allocate(size_t bytes) {
  if (bytes > memory().free) return nullptr;
  void* given = std::calloc(bytes, 1);
  Allocations& all = allocations();
  const std::lock_guard<std::mutex> lock(all.mutex);
  if (given) all.used += all.sizes[given] = bytes;
  return given;
}

void release(void* memory) noexcept {
  Allocations& all = allocations();
  const std::lock_guard<std::mutex> lock(all.mutex);
  const auto found = all.sizes.find(memory);
  if (found == all.sizes.end()) return;
  all.used -= found->second;
  all.sizes.erase(found);
  std::free(memory);
}

int capability() { return static_cast<int>(setting("DELTALAB_EMULATED_CAPABILITY", 90)); }

cudaError_t wait() {
  static const size_t fatal = setting("DELTALAB_EMULATED_FAILURE", 0);
  static std::atomic<size_t> waits{0};
  return fatal != 0 && ++waits >= fatal ? cudaErrorUnknown : cudaSuccess;
}

}  // namespace deltalab::cuda::emulation
