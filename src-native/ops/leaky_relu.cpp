#include "activation_step.h"
#include "table.h"

namespace deltalab {

namespace {

double alphaOf(const NodeContext& context) { return context.number("alpha", 0.01); }

template <class T>
std::unique_ptr<Step<T>> create(StepSpec<T>&& spec) {
  spec.activationAlpha = alphaOf(spec.context);
  return createActivation<T, Activation::LeakyRelu>(std::move(spec));
}

// A negative alpha turns the sign of the output round: then the input is needed to tell the side.
BackwardReads reads(const NodeContext& context) { return {alphaOf(context) < 0, true}; }

Activation fusable(const NodeContext& context, double& alpha) {
  alpha = alphaOf(context);
  return alpha < 0 ? Activation::None : Activation::LeakyRelu;
}

std::vector<OperatorSample> samples(int64_t batch) {
  return {{{input({batch, 3})}},
          {{input({batch, 5})}, {number("alpha", 0.3)}},
          {{input({batch, 5})}, {number("alpha", -0.4)}}};
}

}  // namespace

/** y = x for x >= 0, alpha · x below; alpha 0.01 unless given. ONNX LeakyRelu. */
OperatorDefinition leakyReluOperator() {
  OperatorDefinition definition = activationOperator<Activation::LeakyRelu>("LeakyRelu");
  definition.attributes = {"alpha"};
  definition.reads = reads;
  definition.createFloat = create<float>;
  definition.createDouble = create<double>;
  definition.fusable = fusable;
  definition.samples = samples;
  return definition;
}

}  // namespace deltalab
