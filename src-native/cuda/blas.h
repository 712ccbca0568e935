#pragma once

#include <map>
#include <memory>
#include <mutex>

#include "blas_api.h"
#include "device_memory.h"
#include "gemm.h"

namespace deltalab::cuda {

/**
 * Products by cuBLASLt, which is looked for when it could first be used, and never needed: our own kernels compute what it does not. The variable
 * DELTALAB_CUBLASLT names another library, or "off". Where kernels are emulated there is none unless it is named.
 *
 * A lane must have the bits of the lone run: whether a product is computed here, and by which algorithm, is asked for one lane, and that algorithm is
 * then used for all of them at once. Sums are never cut, so that nothing is added by atomics. What is asked first (forms of products, an
 * algorithm) is kept: the first time a step is done it is not recorded.
 */
class Blas {
 public:
  /** Whether there is a library. */
  static bool isThere();
  /**
   * Null where there is none; where `stream` measures, one that only says what it would allocate. Throws 'device.memory' where there is no room for
   * it: what it computes must not depend on that.
   */
  static std::unique_ptr<Blas> open(Stream& stream);
  ~Blas();
  Blas(const Blas&) = delete;
  Blas& operator=(const Blas&) = delete;

  /** C (+)= alpha · A · B of all lanes, without bias and activation. False, and nothing done: it is not for cuBLASLt. */
  bool multiply(Precision precision, int lanes, const Product& product);

 private:
  struct Form;
  struct Plan;

  Blas(Stream& stream, const blaslt::Functions& functions, blaslt::Handle handle, DeviceMemory<char> workspace);
  Plan& planOf(const Form& form);
  void make(const Form& form, Plan& plan);
  void check(blaslt::Status status, const char* call) const;

  Stream& stream_;
  blaslt::Functions lt_;
  blaslt::Handle handle_;
  DeviceMemory<char> workspace_;
  /** A level of small steps is asked for by several threads. */
  std::mutex mutex_;
  std::map<Form, std::unique_ptr<Plan>> plans_;
};

/** Whether it may pay to compute so large a product by cuBLASLt: an estimate, not a measurement. The order of m, n and k does not matter. */
bool isForBlas(int m, int n, int k);

}  // namespace deltalab::cuda
