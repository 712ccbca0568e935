#include "harness.h"

#include <cstdio>
#include <cstring>
#include <exception>
#include <vector>

namespace deltalab::testing {
namespace {

struct Test {
  const char* name;
  void (*body)();
};

std::vector<Test>& tests() {
  static std::vector<Test> all;
  return all;
}

/** Failed checks of the running test; after this many only their number is told. */
int failures = 0;
constexpr int kPrinted = 10;

}  // namespace

Registration::Registration(const char* name, void (*body)()) { tests().push_back({name, body}); }

void fail(const char* file, int line, const std::string& what) {
  if (++failures <= kPrinted) std::printf("  %s:%d: %s\n", file, line, what.c_str());
}

}  // namespace deltalab::testing

/**
 * deltalab_tests [--every=N --from=K] [part of a name]...: runs the tests whose names contain one of these, or all; with N
 * and K only those K, K + N, K + 2N, ... of them, so that N processes can share the tests.
 */
int main(int count, char** arguments) {
  using namespace deltalab::testing;
  int passed = 0, failed = 0;
  int every = 1, from = 0, place = 0;
  std::vector<const char*> names;
  for (int i = 1; i < count; ++i)
    if (std::sscanf(arguments[i], "--every=%d", &every) != 1 && std::sscanf(arguments[i], "--from=%d", &from) != 1)
      names.push_back(arguments[i]);
  for (const Test& test : tests()) {
    bool wanted = names.empty();
    for (const char* name : names) wanted = wanted || std::strstr(test.name, name) != nullptr;
    if (!wanted || place++ % every != from) continue;
    failures = 0;
    try {
      test.body();
    } catch (const std::exception& error) {
      fail(test.name, 0, std::string("threw: ") + error.what());
    }
    if (failures > kPrinted) std::printf("  ... %d failed checks in all\n", failures);
    std::printf("%s %s\n", failures == 0 ? "ok" : "FAIL", test.name);
    std::fflush(stdout);
    ++(failures == 0 ? passed : failed);
  }
  std::printf("%d passed, %d failed\n", passed, failed);
  return failed == 0 && passed > 0 ? 0 : 1;
}
