#include "blas.h"

#include <algorithm>
#include <cstdlib>
#include <string>
#include <tuple>
#include <vector>

#include "core/errors.h"
#include "core/shared_library.h"

namespace deltalab::cuda {

namespace {

/** What NVIDIA recommends for Hopper, the most of all; asked for once. */
constexpr size_t kWorkspace = size_t{32} << 20;
/** Bytes that the matrices of all lanes begin at a multiple of: the widest access there is. */
constexpr uint32_t kAlignment = 16;
constexpr size_t kAligned = kAlignment / sizeof(float);

std::vector<std::string> libraryNames() {
  if (const char* named = std::getenv("DELTALAB_CUBLASLT")) {
    if (std::string(named) == "off") return {};
    return {named};
  }
#if !defined(__CUDACC__)
  return {};
#elif defined(_WIN32)
  return {"cublasLt64_13.dll", "cublasLt64_12.dll", "cublasLt64_11.dll"};
#else
  return {"libcublasLt.so.13", "libcublasLt.so.12", "libcublasLt.so.11"};
#endif
}

template <class F>
bool find(void* library, const char* name, F& function) {
  function = reinterpret_cast<F>(symbolOf(library, (std::string("cublasLt") + name).c_str()));
  return function != nullptr;
}

bool findAll(void* library, blaslt::Functions& lt) {
  return find(library, "Create", lt.Create) && find(library, "Destroy", lt.Destroy) && find(library, "MatmulDescCreate", lt.MatmulDescCreate) &&
         find(library, "MatmulDescDestroy", lt.MatmulDescDestroy) && find(library, "MatmulDescSetAttribute", lt.MatmulDescSetAttribute) &&
         find(library, "MatrixLayoutCreate", lt.MatrixLayoutCreate) && find(library, "MatrixLayoutDestroy", lt.MatrixLayoutDestroy) &&
         find(library, "MatrixLayoutSetAttribute", lt.MatrixLayoutSetAttribute) &&
         find(library, "MatmulPreferenceCreate", lt.MatmulPreferenceCreate) && find(library, "MatmulPreferenceDestroy", lt.MatmulPreferenceDestroy) &&
         find(library, "MatmulPreferenceSetAttribute", lt.MatmulPreferenceSetAttribute) &&
         find(library, "MatmulAlgoGetHeuristic", lt.MatmulAlgoGetHeuristic) && find(library, "MatmulAlgoCheck", lt.MatmulAlgoCheck) &&
         find(library, "Matmul", lt.Matmul);
}

bool load(const std::string& name, blaslt::Functions& functions) {
  void* const library = openLibrary(name);
  return library && findAll(library, functions);
}

int computeOf(Precision precision) {
  if (precision == Precision::Tf32) return blaslt::kCompute32FFastTf32;
  return precision == Precision::Bf16 ? blaslt::kCompute32FFast16BF : blaslt::kCompute32F;
}

/** A matrix as cuBLAS sees it, column by column: our rows are its columns. */
struct Side {
  size_t leading, lane;
  bool turned;

  /** False: neither rows nor columns are neighbours, or matrices of some lane begin elsewhere than at a multiple of kAlignment. */
  bool take(const Matrix& matrix) {
    turned = matrix.column != 1;
    leading = turned ? matrix.column : matrix.row;
    lane = matrix.lane;
    return (turned ? matrix.row : matrix.column) == 1 && leading % kAligned == 0 && lane % kAligned == 0 &&
           reinterpret_cast<uintptr_t>(matrix.data) % kAlignment == 0;
  }
  auto key() const { return std::tie(leading, lane, turned); }
};

/** Ends what would otherwise take another way of computing, and so come to other bits, for want of memory. */
blaslt::Status withMemory(blaslt::Status status, const char* call, const Stream& stream) {
  if (status == blaslt::kNoMemory) failMemory(std::string(call), stream.memory());
  return status;
}

}  // namespace

bool isForBlas(int m, int n, int k) {
  constexpr int kShortest = 32;
  constexpr int64_t kLeast = int64_t{1} << 21;
  return std::min({m, n, k}) >= kShortest && int64_t{m} * n * k >= kLeast;
}

/** What a plan holds for. */
struct Blas::Form {
  Precision precision;
  int lanes, m, n, k;
  Side a, b, c;

  auto key() const { return std::tuple_cat(std::tie(precision, lanes, m, n, k), a.key(), b.key(), c.key()); }
  bool operator<(const Form& other) const { return key() < other.key(); }
};

struct Blas::Plan {
  explicit Plan(const blaslt::Functions& functions) : lt(functions) {}
  ~Plan() {
    for (blaslt::Layout layout : {first, second, result}) {
      if (layout) lt.MatrixLayoutDestroy(layout);
    }
    if (operation) lt.MatmulDescDestroy(operation);
  }
  Plan(const Plan&) = delete;
  Plan& operator=(const Plan&) = delete;

  const blaslt::Functions& lt;
  blaslt::Operation operation = nullptr;
  /** Bᵀ, Aᵀ and Cᵀ. */
  blaslt::Layout first = nullptr, second = nullptr, result = nullptr;
  /** There is an algorithm. */
  bool found = false;
  /** It computes so many lanes at a time. */
  int together = 1;
  blaslt::Algorithm algorithm{};
};

bool Blas::isThere() {
  blaslt::Functions functions{};
  const std::vector<std::string> names = libraryNames();
  return std::any_of(names.begin(), names.end(), [&](const std::string& name) { return load(name, functions); });
}

std::unique_ptr<Blas> Blas::open(Stream& stream) {
  for (const std::string& name : libraryNames()) {
    blaslt::Functions functions{};
    blaslt::Handle handle = nullptr;
    if (!load(name, functions)) continue;
    DeviceMemory<char> workspace(stream, kWorkspace);
    if (!stream.measures_) {
      stream.use();
      if (withMemory(functions.Create(&handle), "cublasLtCreate", stream) != 0) continue;
    }
    return std::unique_ptr<Blas>(new Blas(stream, functions, handle, std::move(workspace)));
  }
  return nullptr;
}

Blas::Blas(Stream& stream, const blaslt::Functions& functions, blaslt::Handle handle, DeviceMemory<char> workspace)
    : stream_(stream), lt_(functions), handle_(handle), workspace_(std::move(workspace)) {}

Blas::~Blas() {
  plans_.clear();
  if (handle_) lt_.Destroy(handle_);
}

void Blas::check(blaslt::Status status, const char* call) const {
  if (withMemory(status, call, stream_) == 0) return;
  const std::string reason = "status " + std::to_string(status);
  throw EngineError("device.failed", std::string(call) + ": " + reason, {{"call", std::string(call)}, {"reason", reason}});
}

Blas::Plan& Blas::planOf(const Form& form) {
  std::unique_ptr<Plan>& plan = plans_[form];
  if (!plan) {
    auto made = std::make_unique<Plan>(lt_);
    make(form, *made);
    plan = std::move(made);
  }
  return *plan;
}

/** C = A · B row by row is Cᵀ = Bᵀ · Aᵀ column by column. */
void Blas::make(const Form& form, Plan& plan) {
  check(lt_.MatmulDescCreate(&plan.operation, computeOf(form.precision), blaslt::kFloat), "cublasLtMatmulDescCreate");
  const auto turn = [&](int attribute, const Side& side) {
    const int32_t how = side.turned ? blaslt::kTransposed : blaslt::kAsItLies;
    check(lt_.MatmulDescSetAttribute(plan.operation, attribute, &how, sizeof how), "cublasLtMatmulDescSetAttribute");
  };
  turn(blaslt::kTransA, form.b);
  turn(blaslt::kTransB, form.a);
  const auto layOut = [&](blaslt::Layout& layout, int rows, int columns, const Side& side) {
    if (side.turned) std::swap(rows, columns);
    check(lt_.MatrixLayoutCreate(&layout, blaslt::kFloat, static_cast<uint64_t>(rows), static_cast<uint64_t>(columns), static_cast<int64_t>(side.leading)),
          "cublasLtMatrixLayoutCreate");
  };
  layOut(plan.first, form.n, form.k, form.b);
  layOut(plan.second, form.k, form.m, form.a);
  layOut(plan.result, form.n, form.m, form.c);

  // The algorithm is that of one lane.
  blaslt::Preference preference = nullptr;
  check(lt_.MatmulPreferenceCreate(&preference), "cublasLtMatmulPreferenceCreate");
  const uint64_t most = kWorkspace;
  lt_.MatmulPreferenceSetAttribute(preference, blaslt::kMostWorkspace, &most, sizeof most);
  lt_.MatmulPreferenceSetAttribute(preference, blaslt::kReductionMask, &blaslt::kNoReduction, sizeof blaslt::kNoReduction);
  for (int i = 0; i < 4; ++i) lt_.MatmulPreferenceSetAttribute(preference, blaslt::kLeastAlignment + i, &kAlignment, sizeof kAlignment);
  blaslt::Answer answer{};
  int found = 0;
  const blaslt::Status asked =
      lt_.MatmulAlgoGetHeuristic(handle_, plan.operation, plan.first, plan.second, plan.result, plan.result, preference, 1, &answer, &found);
  lt_.MatmulPreferenceDestroy(preference);
  plan.found = withMemory(asked, "cublasLtMatmulAlgoGetHeuristic", stream_) == 0 && found > 0 && answer.state == 0;
  if (!plan.found) return;
  plan.algorithm = answer.algorithm;
  if (form.lanes == 1) return;

  const auto repeat = [&](blaslt::Layout layout, int lanes, const Side& side) {
    const int32_t count = lanes;
    const int64_t offset = static_cast<int64_t>(side.lane);
    check(lt_.MatrixLayoutSetAttribute(layout, blaslt::kBatchCount, &count, sizeof count), "cublasLtMatrixLayoutSetAttribute");
    check(lt_.MatrixLayoutSetAttribute(layout, blaslt::kBatchOffset, &offset, sizeof offset), "cublasLtMatrixLayoutSetAttribute");
  };
  const auto repeatAll = [&](int lanes) {
    repeat(plan.first, lanes, form.b);
    repeat(plan.second, lanes, form.a);
    repeat(plan.result, lanes, form.c);
  };
  repeatAll(form.lanes);
  blaslt::Answer checked{};
  const blaslt::Status status =
      lt_.MatmulAlgoCheck(handle_, plan.operation, plan.first, plan.second, plan.result, plan.result, &plan.algorithm, &checked);
  const bool fits = withMemory(status, "cublasLtMatmulAlgoCheck", stream_) == 0 && checked.workspace <= kWorkspace;
  if (fits) plan.together = form.lanes;
  else repeatAll(1);
}

bool Blas::multiply(Precision precision, int lanes, const Product& p) {
  Form form{precision, lanes, p.m, p.n, p.k, {}, {}, {}};
  if (!form.a.take(p.a) || !form.b.take(p.b) || !form.c.take({p.c, p.cRow, 1, p.cLane})) return false;
  const std::lock_guard<std::mutex> lock(mutex_);
  stream_.use();
  const Plan& plan = planOf(form);
  if (!plan.found) return false;
  const float beta = p.accumulate ? 1.0F : 0.0F;
  for (int lane = 0; lane < lanes; lane += plan.together) {
    const size_t at = static_cast<size_t>(lane);
    float* c = p.c + at * p.cLane;
    check(lt_.Matmul(handle_, plan.operation, &p.alpha, p.b.data + at * p.b.lane, plan.first, p.a.data + at * p.a.lane, plan.second, &beta, c,
                     plan.result, c, plan.result, &plan.algorithm, workspace_.data(), kWorkspace, stream_.handle()),
          "cublasLtMatmul");
  }
  return true;
}

}  // namespace deltalab::cuda
