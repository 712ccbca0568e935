#pragma once

#include "core/device_kernels.h"
#include "core/penalties.h"
#include "device.h"
#include "optimizers/formulas.h"

namespace deltalab::cuda {

/** Values of a chunk: a few for each thread. Squares of gradients are summed up by chunks, where their norm is wanted. */
constexpr size_t kChunk = 4 * kThreads;

/** What an update works with, for kernels that move weights by themselves. */
struct UpdateMemory {
  /** [lanes] */
  const LanePenalties* penalties;
  /** [steps of the round][lanes], each the formula of the optimizer. */
  const void* formulas;
  /** As UpdateLayout. */
  float* state;
  size_t slots;
};

class CardUpdate : public DeviceUpdate {
 public:
  /** Holds until the next prepare(). */
  virtual UpdateMemory memory() const = 0;
};

template <class T>
struct FormulaOf {
  using Type = T;
};

/** f(FormulaOf<formula of the optimizer>{}) */
template <class F>
auto withFormula(OptimizerKind optimizer, const F& f) {
  switch (optimizer) {
    case OptimizerKind::Sgd: return f(FormulaOf<SgdFormula>{});
    case OptimizerKind::AdaGrad: return f(FormulaOf<AdaGradFormula>{});
    case OptimizerKind::RmsProp: return f(FormulaOf<RmsPropFormula>{});
    case OptimizerKind::Adam: return f(FormulaOf<AdamFormula>{});
    case OptimizerKind::AdamW: return f(FormulaOf<AdamWFormula>{});
    case OptimizerKind::Adadelta: return f(FormulaOf<AdadeltaFormula>{});
    case OptimizerKind::Rprop: break;
  }
  return f(FormulaOf<RpropFormula>{});
}

inline __device__ float penalised(const LanePenalties& penalties, float weight, float gradient) {
  if (penalties.l1 != 0) gradient += l1Gradient(weight, penalties.l1);
  return penalties.clipValue != 0 ? clippedTo(penalties.clipValue, gradient) : gradient;
}

}  // namespace deltalab::cuda
