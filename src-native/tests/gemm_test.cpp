#include "cpu/gemm.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <string>
#include <vector>

#include "core/cpu_features.h"
#include "core/random.h"
#include "harness.h"
#include "reference_activation.h"

using namespace deltalab;
using namespace deltalab::testing;

namespace {

struct Problem {
  int m, n, k;
  bool transA, transB;
  float alpha = 1, beta = 0;
  bool bias = false;
  Activation activation = Activation::None;
  float activationAlpha = 0;
};

/** Operands with rows longer than needed; what lies between rows of A and B is NaN, so that reading it shows. */
struct Operands {
  explicit Operands(const Problem& p, uint64_t seed = 7) {
    Generator random(seed);
    lda = (p.transA ? p.m : p.k) + 3;
    ldb = (p.transB ? p.k : p.n) + 5;
    ldc = p.n + 2;
    a = matrix(random, p.transA ? p.k : p.m, p.transA ? p.m : p.k, lda);
    b = matrix(random, p.transB ? p.n : p.k, p.transB ? p.k : p.n, ldb);
    c.resize(static_cast<size_t>(p.m) * static_cast<size_t>(ldc));
    random.uniform(c.data(), c.size(), -1, 1);
    bias.resize(static_cast<size_t>(p.n));
    random.uniform(bias.data(), bias.size(), -1, 1);
  }

  static std::vector<float> matrix(Generator& random, int rows, int columns, int stride) {
    std::vector<float> out(static_cast<size_t>(rows) * static_cast<size_t>(stride),
                           std::numeric_limits<float>::quiet_NaN());
    for (int i = 0; i < rows; ++i) {
      random.uniform(out.data() + static_cast<size_t>(i) * static_cast<size_t>(stride), static_cast<size_t>(columns),
                     -1, 1);
    }
    return out;
  }

  GemmArgs args(const Problem& p) {
    GemmArgs g{p.m, p.n, p.k, a.data(), lda, p.transA, b.data(), ldb, p.transB, c.data(), ldc};
    g.alpha = p.alpha;
    g.beta = p.beta;
    g.bias = p.bias ? bias.data() : nullptr;
    g.activation = p.activation;
    g.activationAlpha = p.activationAlpha;
    return g;
  }

  int lda, ldb, ldc;
  std::vector<float> a, b, c, bias;
};

float at(const std::vector<float>& values, int row, int column, int stride) {
  return values[static_cast<size_t>(row) * static_cast<size_t>(stride) + static_cast<size_t>(column)];
}

/** Runs the product and compares every element with a sum in double; also checks that nothing else of C changed. */
std::string compare(const Problem& p, ThreadPool& pool, Workspace& workspace) {
  Operands o(p);
  const std::vector<float> before = o.c;
  gemm(o.args(p), pool, workspace);
  for (int i = 0; i < p.m; ++i) {
    for (int j = 0; j < p.n; ++j) {
      double sum = 0, size = 0;
      for (int k = 0; k < p.k; ++k) {
        const double term = static_cast<double>(p.transA ? at(o.a, k, i, o.lda) : at(o.a, i, k, o.lda)) *
                            static_cast<double>(p.transB ? at(o.b, j, k, o.ldb) : at(o.b, k, j, o.ldb));
        sum += term;
        size += std::fabs(term);
      }
      sum = p.alpha * sum + (p.beta != 0 ? static_cast<double>(p.beta) * at(before, i, j, o.ldc) : 0.0);
      if (p.bias) sum += o.bias[static_cast<size_t>(j)];
      const double expected = referenceValue(p.activation, sum, p.activationAlpha);
      const double got = at(o.c, i, j, o.ldc);
      const double tolerance = 1e-6 + 6e-8 * (std::fabs(p.alpha) * size * 4 + 4);
      if (!(std::fabs(got - expected) <= tolerance)) {
        return std::to_string(p.m) + "x" + std::to_string(p.n) + "x" + std::to_string(p.k) + (p.transA ? " T" : " N") +
               (p.transB ? "T" : "N") + " at " + std::to_string(i) + "," + std::to_string(j) + ": " +
               std::to_string(got) + " instead of " + std::to_string(expected);
      }
    }
    for (int j = p.n; j < o.ldc; ++j) {
      if (at(o.c, i, j, o.ldc) != at(before, i, j, o.ldc)) return "wrote beyond row " + std::to_string(i);
    }
  }
  return "";
}

template <class F>
void onEveryInstructionSet(F&& f) {
  const InstructionSet chosen = instructionSet();
  for (InstructionSet set : {InstructionSet::Baseline, InstructionSet::Avx2, InstructionSet::Avx512}) {
    // DELTALAB_ISA may have lowered the choice, for a run under an emulator of an older processor.
    if (set > chosen) continue;
    useInstructionSet(set);
    f();
  }
  useInstructionSet(chosen);
}

bool sameBits(float x, float y) { return std::memcmp(&x, &y, sizeof x) == 0; }

}  // namespace

TEST(gemm_all_transposes_and_odd_sizes) {
  onEveryInstructionSet([] {
    ThreadPool pool(2);
    Workspace workspace;
    for (int m : {1, 2, 3, 5, 7, 8, 13, 14, 15, 16, 17, 29, 33}) {
      for (int n : {1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 32, 33}) {
        for (int k : {1, 2, 3, 8, 17, 33}) {
          for (int transposes = 0; transposes < 4; ++transposes) {
            CHECK_EQ(compare({m, n, k, (transposes & 1) != 0, (transposes & 2) != 0}, pool, workspace), "");
          }
        }
      }
    }
  });
}

TEST(gemm_larger_sizes) {
  onEveryInstructionSet([] {
    ThreadPool pool(2);
    Workspace workspace;
    const int shapes[][3] = {{64, 784, 50}, {97, 65, 513}, {200, 70, 1100}, {1, 130, 700}, {130, 1, 700},
                             {100, 100, 0}, {340, 48, 96}, {99, 10, 2049},  {3, 2000, 40}, {120, 4100, 9},
                             // Few columns or rows beside many, and rows that lie a multiple of 4 KiB apart.
                             {300, 17, 40}, {17, 300, 40}, {1025, 3, 20},   {1000, 5, 530}, {450, 33, 20},
                             // More of B than is packed at once.
                             {17, 1100, 530}};
    for (const auto& s : shapes) {
      for (int transposes = 0; transposes < 4; ++transposes) {
        CHECK_EQ(compare({s[0], s[1], s[2], (transposes & 1) != 0, (transposes & 2) != 0}, pool, workspace), "");
      }
    }
  });
}

TEST(gemm_alpha_beta_bias_activation) {
  onEveryInstructionSet([] {
    ThreadPool pool(2);
    Workspace workspace;
    const int shapes[][3] = {{5, 7, 9}, {33, 1, 4}, {97, 33, 600}, {1, 17, 3}, {20, 40, 513}, {4, 4, 0}};
    for (const auto& s : shapes) {
      for (int transposes = 0; transposes < 4; ++transposes) {
        for (float alpha : {1.0f, -0.5f, 0.0f}) {
          for (float beta : {0.0f, 1.0f, 0.25f}) {
            for (bool bias : {false, true}) {
              Problem p{s[0], s[1], s[2], (transposes & 1) != 0, (transposes & 2) != 0, alpha, beta, bias};
              CHECK_EQ(compare(p, pool, workspace), "");
            }
          }
        }
        for (int activation = 0; activation <= static_cast<int>(Activation::Softplus); ++activation) {
          Problem p{s[0], s[1], s[2], (transposes & 1) != 0, (transposes & 2) != 0, 1, 0.5f, true};
          p.activation = static_cast<Activation>(activation);
          p.activationAlpha = 0.3f;
          CHECK_EQ(compare(p, pool, workspace), "");
        }
      }
    }
    // B is packed piece by piece.
    CHECK_EQ(compare({17, 1100, 530, false, true, 0.5f, 0.25f, true, Activation::Tanh}, pool, workspace), "");
  });
}

TEST(gemm_bits_do_not_depend_on_shape_position_or_alignment) {
  onEveryInstructionSet([] {
    ThreadPool one(1), two(2);
    Workspace workspace;
    for (int k : {1, 7, 32, 300, 784, 1500}) {
      for (int transposes = 0; transposes < 4; ++transposes) {
        for (float beta : {0.0f, 0.5f}) {
          Problem whole{117, 131, k, (transposes & 1) != 0, (transposes & 2) != 0, 1, beta, true, Activation::Tanh, 0};
          Operands o(whole);
          const std::vector<float> before = o.c;
          gemm(o.args(whole), two, workspace);
          const std::vector<float> expected = o.c;
          // Parts of C, down to single elements, at every sort of offset; computed alone they must have the same bits.
          const int parts[][4] = {{0, 0, 117, 131}, {0, 0, 1, 1},    {116, 130, 1, 1}, {5, 9, 1, 100},  {3, 77, 100, 1},
                                  {1, 1, 16, 32},   {13, 31, 15, 3}, {50, 64, 67, 67}, {20, 1, 97, 50}, {2, 3, 14, 49},
                                  {0, 5, 117, 3},   {2, 0, 3, 131},  {0, 10, 117, 17}, {7, 0, 17, 131}, {1, 2, 6, 100}};
          for (const auto& part : parts) {
            o.c = before;
            GemmArgs g = o.args(whole);
            g.m = part[2];
            g.n = part[3];
            g.a += whole.transA ? part[0] : part[0] * o.lda;
            g.b += whole.transB ? part[1] * o.ldb : part[1];
            g.c += part[0] * o.ldc + part[1];
            g.bias += part[1];
            gemm(g, part[0] % 2 == 0 ? one : two, workspace);
            int differing = 0;
            for (int i = part[0]; i < part[0] + part[2]; ++i) {
              for (int j = part[1]; j < part[1] + part[3]; ++j) {
                differing += !sameBits(at(o.c, i, j, o.ldc), at(expected, i, j, o.ldc));
              }
            }
            CHECK_EQ(differing, 0);
          }
        }
      }
    }
  });
}

TEST(gemm_one_column_has_the_bits_of_many) {
  onEveryInstructionSet([] {
    ThreadPool pool(1);
    Workspace workspace;
    for (int k : {1, 5, 33, 600}) {
      for (int transposes = 0; transposes < 4; ++transposes) {
        Problem wide{70, 9, k, (transposes & 1) != 0, (transposes & 2) != 0, 0.7f, 0, true, Activation::Sigmoid, 0};
        Operands o(wide);
        gemm(o.args(wide), pool, workspace);
        for (int column = 0; column < wide.n; ++column) {
          std::vector<float> single(static_cast<size_t>(wide.m));
          GemmArgs g = o.args(wide);
          g.n = 1;
          g.b += wide.transB ? column * o.ldb : column;
          g.bias += column;
          g.c = single.data();
          g.ldc = 1;  // a column that lies along a vector takes its own path
          gemm(g, pool, workspace);
          for (int i = 0; i < wide.m; ++i) CHECK(sameBits(single[static_cast<size_t>(i)], at(o.c, i, column, o.ldc)));
        }
      }
    }
  });
}

TEST(gemm_of_crowded_rows) {
  onEveryInstructionSet([] {
    ThreadPool pool(2);
    Workspace workspace;
    for (const int stride : {512, 1024, 2048}) {
      for (const int m : {3, 16, 70, 100}) {
        Generator random(5);
        const int n = stride - 3, k = 40;
        const std::vector<float> a = Operands::matrix(random, m, k, k), b = Operands::matrix(random, k, n, stride);
        std::vector<float> c(static_cast<size_t>(m) * static_cast<size_t>(n)), part(c.size());
        gemm(GemmArgs{m, n, k, a.data(), k, false, b.data(), stride, false, c.data(), n}, pool, workspace);
        // Its last columns from a copy of B whose rows lie close together.
        const int columns = 33;
        std::vector<float> close(static_cast<size_t>(k * columns));
        for (int i = 0; i < k; ++i) {
          for (int j = 0; j < columns; ++j) close[static_cast<size_t>(i * columns + j)] = at(b, i, n - columns + j, stride);
        }
        gemm(GemmArgs{m, columns, k, a.data(), k, false, close.data(), columns, false, part.data(), columns}, pool, workspace);
        int differing = 0;
        for (int i = 0; i < m; ++i) {
          for (int j = 0; j < columns; ++j) differing += !sameBits(at(part, i, j, columns), at(c, i, n - columns + j, n));
        }
        CHECK_EQ(differing, 0);
      }
    }
  });
}

TEST(gemm_by_rows_gives_every_row_once_with_the_bits_of_gemm) {
  onEveryInstructionSet([] {
    struct Seen {
      int n;
      std::vector<float> c;
      std::vector<std::atomic<int>> announced, given;
    };
    ThreadPool one(1), two(2);
    Workspace workspace;
    const int shapes[][3] = {{256, 784, 64}, {128, 256, 64}, {10, 128, 64}, {128, 10, 64}, {1025, 3, 33}, {33, 17, 16},
                             {8, 2048, 40},  {512, 512, 32}, {3, 5, 600},   {1, 1, 1},     {100, 33, 513}, {700, 17, 20}};
    for (const auto& s : shapes) {
      const Problem problem{s[0], s[1], s[2], true, false};
      Operands o(problem);
      for (const int extra : {0, 3}) {
        GemmArgs g = o.args(problem);
        g.lda = s[0] + extra;
        o.a.assign(static_cast<size_t>(s[2]) * static_cast<size_t>(g.lda), 0.0f);
        Generator(11).uniform(o.a.data(), o.a.size(), -1, 1);
        g.a = o.a.data();
        gemm(g, one, workspace);
        for (ThreadPool* pool : {&one, &two}) {
          Seen seen{s[1], std::vector<float>(static_cast<size_t>(s[0]) * static_cast<size_t>(s[1])),
                    std::vector<std::atomic<int>>(static_cast<size_t>(s[0])), std::vector<std::atomic<int>>(static_cast<size_t>(s[0]))};
          const auto done = [](void* context, int row, int rows, float* c) {
            Seen& to = *static_cast<Seen*>(context);
            for (int i = row; i < row + rows; ++i) ++(c ? to.given : to.announced)[static_cast<size_t>(i)];
            if (c) std::copy_n(c, rows * to.n, to.c.data() + row * to.n);
          };
          gemmByRows(g, *pool, workspace, done, &seen);
          int differing = 0;
          for (int i = 0; i < s[0]; ++i) {
            CHECK(seen.announced[static_cast<size_t>(i)] == 1 && seen.given[static_cast<size_t>(i)] == 1);
            for (int j = 0; j < s[1]; ++j) differing += !sameBits(at(seen.c, i, j, s[1]), at(o.c, i, j, o.ldc));
          }
          CHECK_EQ(differing, 0);
        }
      }
    }
  });
}

TEST(gemm_batched_equals_single) {
  onEveryInstructionSet([] {
    ThreadPool two(2), one(1);
    Workspace workspace;
    const int shapes[][3] = {{4, 3, 5}, {16, 32, 32}, {64, 64, 64}, {130, 100, 90}};
    for (const auto& s : shapes) {
      const int m = s[0], n = s[1], k = s[2];
      const size_t sizeA = static_cast<size_t>(m) * static_cast<size_t>(k),
                   sizeB = static_cast<size_t>(n) * static_cast<size_t>(k);
      const size_t sizeC = static_cast<size_t>(m) * static_cast<size_t>(n);
      for (bool shareA : {false, true}) {
        const int count = 9;
        Generator random(3);
        std::vector<float> a(sizeA * count), b(sizeB * count), c(sizeC * count, 5.0f),
            bias(static_cast<size_t>(n * count));
        random.uniform(a.data(), a.size(), -1, 1);
        random.uniform(b.data(), b.size(), -1, 1);
        random.uniform(bias.data(), bias.size(), -1, 1);
        const unsigned char active[count] = {1, 1, 0, 1, 1, 1, 0, 1, 1};
        GemmArgs g{m, n, k, a.data(), k, false, b.data(), k, true, c.data(), n};
        g.bias = bias.data();
        g.activation = Activation::Elu;
        g.activationAlpha = 1;
        gemmBatched(g, count, {shareA ? 0 : sizeA, sizeB, sizeC, static_cast<size_t>(n)}, active, two, workspace);
        for (size_t i = 0; i < count; ++i) {
          std::vector<float> alone(sizeC, 5.0f);
          GemmArgs single = g;
          single.a = a.data() + (shareA ? 0 : i * sizeA);
          single.b = b.data() + i * sizeB;
          single.bias = bias.data() + i * static_cast<size_t>(n);
          single.c = alone.data();
          if (active[i] != 0) gemm(single, one, workspace);
          CHECK(std::memcmp(alone.data(), c.data() + i * sizeC, sizeC * sizeof(float)) == 0);
        }
      }
    }
  });
}

TEST(gemm_spreads_nan_and_infinity_where_they_belong) {
  onEveryInstructionSet([] {
    ThreadPool pool(1);
    Workspace workspace;
    for (Activation activation : {Activation::None, Activation::Relu, Activation::Tanh, Activation::Sigmoid,
                                  Activation::Elu, Activation::LeakyRelu, Activation::Softplus}) {
      const int m = 19, n = 37, k = 21;
      Problem p{m, n, k, false, true, 1, 0, true, activation, 0.1f};
      Operands o(p);
      o.a[static_cast<size_t>(4 * o.lda + 2)] = std::numeric_limits<float>::quiet_NaN();
      // C holds NaN, which beta = 0 must not read.
      for (float& value : o.c) value = std::numeric_limits<float>::quiet_NaN();
      gemm(o.args(p), pool, workspace);
      for (int i = 0; i < m; ++i) {
        for (int j = 0; j < n; ++j) CHECK_EQ(std::isnan(at(o.c, i, j, o.ldc)), i == 4);
      }
    }
    const float inf = std::numeric_limits<float>::infinity();
    const float a[] = {inf, 1, inf, -inf}, b[] = {1, 1, 1, 0};
    float c[4];
    gemm(GemmArgs{2, 2, 2, a, 2, false, b, 2, true, c, 2}, pool, workspace);
    CHECK(c[0] == inf && c[1] == inf);            // inf + 1
    CHECK(std::isnan(c[2]) && std::isnan(c[3]));  // inf - inf, inf + 0 · -inf
  });
}

TEST(gemm_workspace_stops_growing) {
  ThreadPool pool(2);
  Workspace workspace;
  const auto bytesAfter = [&](const Problem& p) {
    Operands o(p);
    gemm(o.args(p), pool, workspace);
    return workspace.bytes();
  };
  CHECK_EQ(workspace.bytes(), size_t{0});
  const size_t first = bytesAfter({128, 96, 200, false, true});
  CHECK(first > 0);
  CHECK_EQ(bytesAfter({128, 96, 200, false, true}), first);
  CHECK_EQ(bytesAfter({60, 50, 70, false, true}), first);
  const size_t larger = bytesAfter({128, 300, 400, false, true});
  CHECK(larger > first);
  CHECK_EQ(bytesAfter({128, 96, 200, false, true}), larger);
}
