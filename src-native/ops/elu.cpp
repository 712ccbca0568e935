#include "activation_step.h"
#include "table.h"

namespace deltalab {

namespace {

double alphaOf(const NodeContext& context) { return context.number("alpha", 1.0); }

template <class T>
std::unique_ptr<Step<T>> create(StepSpec<T>&& spec) {
  spec.activationAlpha = alphaOf(spec.context);
  return createActivation<T, Activation::Elu>(std::move(spec));
}

// A negative alpha turns the sign of the output round: then the input is needed to tell the side.
BackwardReads reads(const NodeContext& context) { return {alphaOf(context) < 0, true}; }

Activation fusable(const NodeContext& context, double& alpha) {
  alpha = alphaOf(context);
  return alpha < 0 ? Activation::None : Activation::Elu;
}

}  // namespace

/** y = x for x >= 0, alpha · (e^x - 1) below; alpha 1 unless given. ONNX Elu. */
const OperatorDefinition& eluOperator() {
  static const OperatorDefinition definition{
      "Elu", Device::Cpu, 1, 1, {"alpha"}, sameShape, reads, create<float>, create<double>, fusable};
  return definition;
}

}  // namespace deltalab
