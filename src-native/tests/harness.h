#pragma once

#include <sstream>
#include <string>

/**
 * A small test harness. A file in this folder holds tests:
 *
 *   TEST(gemm_adds_bias) { CHECK(1 < 2); CHECK_EQ(2 + 2, 4); }
 *
 * A failed check is printed with its place and the test goes on; an exception ends the test and fails it.
 */
namespace deltalab::testing {

struct Registration {
  Registration(const char* name, void (*body)());
};

/** Marks the running test as failed. */
void fail(const char* file, int line, const std::string& what);

template <class A, class B>
void checkEqual(const A& got, const B& expected, const char* expression, const char* file, int line) {
  if (got == expected) return;
  std::ostringstream text;
  text.precision(9);
  text << expression << " is " << got << ", expected " << expected;
  fail(file, line, text.str());
}

}  // namespace deltalab::testing

#define TEST(name)                                                               \
  static void name();                                                            \
  static const deltalab::testing::Registration registration_##name(#name, name); \
  static void name()

#define CHECK(condition)                                                       \
  do {                                                                         \
    if (!(condition)) deltalab::testing::fail(__FILE__, __LINE__, #condition); \
  } while (false)

#define CHECK_EQ(got, expected) deltalab::testing::checkEqual(got, expected, #got, __FILE__, __LINE__)
