#include "cuda/tests/fake/cublaslt.h"

#include <algorithm>
#include <cmath>
#include <cstring>

// Just enough of cuBLASLt for the processor: matrices column by column in its memory, multiplied by the same interface.

using namespace deltalab::cuda::blaslt;

#define EXPORT extern "C" __attribute__((visibility("default")))

namespace {

constexpr Status kSuccess = 0, kInvalid = 7;
/** What tells an algorithm of ours from anything else. */
constexpr uint64_t kMark = 0x46414B45;

struct FakeOperation {
  int compute;
  int32_t turned[2] = {};
};
struct FakeLayout {
  int64_t rows, columns, leading;
  int32_t batch = 1;
  int64_t offset = 0;
};
struct FakePreference {
  uint32_t reduction = 7;
};

FakeCalls calls;

FakeOperation& operationOf(Operation it) { return *static_cast<FakeOperation*>(it); }
FakeLayout& layoutOf(Layout it) { return *static_cast<FakeLayout*>(it); }

/** Whether the sizes of op(A) [m, k], op(B) [k, n] and C [m, n] fit each other, and columns do not overlap. */
bool fits(const FakeOperation& operation, const FakeLayout& a, const FakeLayout& b, const FakeLayout& c) {
  const auto rows = [](const FakeLayout& of, bool turned) { return turned ? of.columns : of.rows; };
  const bool turnA = operation.turned[0] != 0, turnB = operation.turned[1] != 0;
  for (const FakeLayout* layout : {&a, &b, &c}) {
    if (layout->leading < layout->rows || layout->batch != c.batch) return false;
  }
  return rows(a, turnA) == c.rows && rows(b, !turnB) == c.columns && rows(a, !turnA) == rows(b, turnB);
}

}  // namespace

EXPORT FakeCalls* fakeCalls() { return &calls; }

EXPORT Status cublasLtCreate(Handle* handle) {
  *handle = &calls;
  return calls.status;
}
EXPORT Status cublasLtDestroy(Handle) { return kSuccess; }
EXPORT Status cublasLtMatmulDescCreate(Operation* operation, int compute, int scale) {
  if (scale != kFloat) return kInvalid;
  *operation = new FakeOperation{compute};
  return kSuccess;
}
EXPORT Status cublasLtMatmulDescDestroy(Operation operation) {
  delete &operationOf(operation);
  return kSuccess;
}
EXPORT Status cublasLtMatmulDescSetAttribute(Operation operation, int attribute, const void* value, size_t bytes) {
  if ((attribute != kTransA && attribute != kTransB) || bytes != sizeof(int32_t)) return kInvalid;
  std::memcpy(&operationOf(operation).turned[attribute - kTransA], value, bytes);
  return kSuccess;
}
EXPORT Status cublasLtMatrixLayoutCreate(Layout* layout, int type, uint64_t rows, uint64_t columns, int64_t leading) {
  if (type != kFloat) return kInvalid;
  *layout = new FakeLayout{static_cast<int64_t>(rows), static_cast<int64_t>(columns), leading};
  return kSuccess;
}
EXPORT Status cublasLtMatrixLayoutDestroy(Layout layout) {
  delete &layoutOf(layout);
  return kSuccess;
}
EXPORT Status cublasLtMatrixLayoutSetAttribute(Layout layout, int attribute, const void* value, size_t bytes) {
  if (attribute == kBatchCount && bytes == sizeof(int32_t)) std::memcpy(&layoutOf(layout).batch, value, bytes);
  else if (attribute == kBatchOffset && bytes == sizeof(int64_t)) std::memcpy(&layoutOf(layout).offset, value, bytes);
  else return kInvalid;
  return kSuccess;
}
EXPORT Status cublasLtMatmulPreferenceCreate(Preference* preference) {
  *preference = new FakePreference;
  return kSuccess;
}
EXPORT Status cublasLtMatmulPreferenceDestroy(Preference preference) {
  delete static_cast<FakePreference*>(preference);
  return kSuccess;
}
EXPORT Status cublasLtMatmulPreferenceSetAttribute(Preference preference, int attribute, const void* value, size_t bytes) {
  if (attribute == kReductionMask && bytes == sizeof(uint32_t)) std::memcpy(&static_cast<FakePreference*>(preference)->reduction, value, bytes);
  return kSuccess;
}

EXPORT Status cublasLtMatmulAlgoGetHeuristic(Handle, Operation operation, Layout a, Layout b, Layout c, Layout d, Preference preference, int wanted,
                                             Answer* answers, int* found) {
  calls.mostAskedFor = std::max(calls.mostAskedFor, static_cast<int>(layoutOf(c).batch));
  calls.reductions |= static_cast<FakePreference*>(preference)->reduction;
  *found = 0;
  if (calls.status != kSuccess) return calls.status;
  if (wanted < 1 || c != d || !fits(operationOf(operation), layoutOf(a), layoutOf(b), layoutOf(c))) return kInvalid;
  answers[0] = {};
  answers[0].algorithm.data[0] = kMark;
  *found = 1;
  return kSuccess;
}

EXPORT Status cublasLtMatmulAlgoCheck(Handle, Operation, Layout, Layout, Layout c, Layout, const Algorithm* algorithm, Answer* answer) {
  *answer = {};
  if (calls.status != kSuccess) return calls.status;
  answer->workspace = static_cast<size_t>(layoutOf(c).batch) * calls.workspaceOfOne;
  return algorithm->data[0] == kMark ? kSuccess : kInvalid;
}

EXPORT Status cublasLtMatmul(Handle, Operation operation, const void* alpha, const void* a, Layout layoutA, const void* b, Layout layoutB, const void* beta,
                             const void* c, Layout layoutC, void* d, Layout layoutD, const Algorithm* algorithm, void* workspace, size_t, StreamHandle) {
  const FakeOperation& how = operationOf(operation);
  if (calls.status != kSuccess) return calls.status;
  const FakeLayout &ofA = layoutOf(layoutA), &ofB = layoutOf(layoutB), &ofC = layoutOf(layoutC);
  if (algorithm->data[0] != kMark || !workspace || c != d || layoutC != layoutD || !fits(how, ofA, ofB, ofC)) return kInvalid;
  ++calls.products;
  calls.lanes += ofC.batch;
  calls.computes |= how.compute == kCompute32F ? 1 : how.compute == kCompute32FFastTf32 ? 2 : how.compute == kCompute32FFast16BF ? 4 : 8;
  const bool turnA = how.turned[0] != 0, turnB = how.turned[1] != 0;
  calls.turned |= 1 << ((turnA ? 1 : 0) + (turnB ? 2 : 0));
  const int64_t depth = turnA ? ofA.rows : ofA.columns;
  const float scale = *static_cast<const float*>(alpha), kept = *static_cast<const float*>(beta);
  for (int32_t matrix = 0; matrix < ofC.batch; ++matrix) {
    const float* left = static_cast<const float*>(a) + matrix * ofA.offset;
    const float* right = static_cast<const float*>(b) + matrix * ofB.offset;
    float* to = static_cast<float*>(d) + matrix * ofC.offset;
    for (int64_t column = 0; column < ofC.columns; ++column) {
      for (int64_t row = 0; row < ofC.rows; ++row) {
        double sum = 0;
        for (int64_t k = 0; k < depth; ++k) {
          const float x = left[turnA ? row * ofA.leading + k : k * ofA.leading + row];
          const float y = right[turnB ? k * ofB.leading + column : column * ofB.leading + k];
          sum += static_cast<double>(x) * static_cast<double>(y);
        }
        float& element = to[column * ofC.leading + row];
        element = scale * static_cast<float>(sum) + (kept == 0 ? 0.0F : kept * element);
      }
    }
  }
  return kSuccess;
}
