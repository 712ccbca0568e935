#include "backend.h"
#include "optimizers/formulas.h"

namespace deltalab::cuda {

namespace {

/** One value: the weights are read here and written there, since something else may still need them. */
template <class Formula>
struct Moved {
  Formula formula;
  TensorUpdate work;

  __device__ void operator()(int, size_t i) const {
    float weight = work.weights[i];
    float gradient = work.maximize ? -work.gradient[i] : work.gradient[i];
    float remembered[kMostSlots] = {};
    for (size_t slot = 0; slot < kMostSlots; ++slot) {
      if (work.slots[slot]) remembered[slot] = work.slots[slot][i];
    }
    formula.updateValue(weight, gradient, remembered[0], remembered[1], remembered[2]);
    work.to[i] = weight;
    for (size_t slot = 0; slot < kMostSlots; ++slot) {
      if (work.slots[slot]) work.slots[slot][i] = remembered[slot];
    }
  }
};

}  // namespace

void CudaBackend::updateTensor(OptimizerKind optimizer, const UpdateStep& step, const TensorUpdate& work) {
  const auto move = [&](auto formula) { forEachElement(stream_, 1, work.count, Moved<decltype(formula)>{formula, work}); };
  switch (optimizer) {
    case OptimizerKind::Sgd: return move(SgdFormula(step));
    case OptimizerKind::AdaGrad: return move(AdaGradFormula(step));
    case OptimizerKind::RmsProp: return move(RmsPropFormula(step));
    case OptimizerKind::Adam: return move(AdamFormula(step));
    case OptimizerKind::AdamW: return move(AdamWFormula(step));
    case OptimizerKind::Adadelta: return move(AdadeltaFormula(step));
    case OptimizerKind::Rprop: return move(RpropFormula(step));
  }
}

}  // namespace deltalab::cuda
