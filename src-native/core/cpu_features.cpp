#include "cpu_features.h"

#include <atomic>
#include <cstdlib>
#include <cstring>
#include <stdexcept>
#include <string>

#if defined(_MSC_VER) && defined(_M_X64)
#include <immintrin.h>
#include <intrin.h>
#endif

namespace deltalab {
namespace {

InstructionSet detect() {
#if defined(__GNUC__) && (defined(__x86_64__) || defined(__i386__))
  __builtin_cpu_init();
  if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma")) return InstructionSet::Baseline;
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") &&
      __builtin_cpu_supports("avx512bw")) {
    return InstructionSet::Avx512;
  }
  return InstructionSet::Avx2;
#elif defined(_MSC_VER) && defined(_M_X64)
  int r[4];
  __cpuid(r, 0);
  if (r[0] < 7) return InstructionSet::Baseline;
  __cpuidex(r, 1, 0);
  const bool osxsave = (r[2] >> 27) & 1, fma = (r[2] >> 12) & 1;
  if (!osxsave || !fma) return InstructionSet::Baseline;
  const unsigned long long saved = _xgetbv(0);
  __cpuidex(r, 7, 0);
  const unsigned ebx = static_cast<unsigned>(r[1]);
  const bool avx2 = ((ebx >> 5) & 1) && (saved & 0x6) == 0x6;
  // F, DQ, BW, VL, with the mask and upper registers saved by the system.
  constexpr unsigned kAvx512 = (1u << 16) | (1u << 17) | (1u << 30) | (1u << 31);
  if (!avx2) return InstructionSet::Baseline;
  return (ebx & kAvx512) == kAvx512 && (saved & 0xe6) == 0xe6 ? InstructionSet::Avx512 : InstructionSet::Avx2;
#else
  return InstructionSet::Baseline;
#endif
}

InstructionSet initial() {
  const InstructionSet widest = widestInstructionSet();
  const char* word = std::getenv("DELTALAB_ISA");
  if (word == nullptr || *word == '\0') return widest;
  InstructionSet wanted;
  if (std::strcmp(word, "baseline") == 0) {
    wanted = InstructionSet::Baseline;
  } else if (std::strcmp(word, "avx2") == 0) {
    wanted = InstructionSet::Avx2;
  } else if (std::strcmp(word, "avx512") == 0) {
    wanted = InstructionSet::Avx512;
  } else {
    throw std::runtime_error("The environment variable DELTALAB_ISA is '" + std::string(word) +
                             "'. Set it to baseline, avx2 or avx512, or remove it.");
  }
  return wanted < widest ? wanted : widest;
}

std::atomic<InstructionSet>& current() {
  static std::atomic<InstructionSet> set{initial()};
  return set;
}

}  // namespace

InstructionSet widestInstructionSet() {
  static const InstructionSet widest = detect();
  return widest;
}

InstructionSet instructionSet() { return current().load(std::memory_order_relaxed); }

void useInstructionSet(InstructionSet set) {
  if (set > widestInstructionSet()) {
    throw std::invalid_argument(std::string("This processor has no ") + instructionSetName(set));
  }
  current().store(set, std::memory_order_relaxed);
}

const char* instructionSetName(InstructionSet set) {
  switch (set) {
    case InstructionSet::Avx512:
      return "avx512";
    case InstructionSet::Avx2:
      return "avx2";
    case InstructionSet::Baseline:
      break;
  }
#if defined(__x86_64__) || defined(_M_X64) || defined(__i386__) || defined(_M_IX86)
  return "baseline";
#else
  return "generic";
#endif
}

}  // namespace deltalab
