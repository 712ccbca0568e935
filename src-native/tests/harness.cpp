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

/** deltalab_tests [part of a name]...: runs the tests whose names contain one of these, or all. */
int main(int count, char** arguments) {
  using namespace deltalab::testing;
  int passed = 0, failed = 0;
  for (const Test& test : tests()) {
    bool wanted = count == 1;
    for (int i = 1; i < count; ++i) wanted = wanted || std::strstr(test.name, arguments[i]) != nullptr;
    if (!wanted) continue;
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
