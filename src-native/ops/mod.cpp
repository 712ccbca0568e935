#include <memory>
#include <utility>

#include "binary_functions.h"
#include "binary_step.h"
#include "table.h"

namespace deltalab {

namespace {

template <class T>
std::unique_ptr<Step<T>> create(StepSpec<T>&& spec) {
  if (spec.context.integer("fmod", 0) != 0) return std::make_unique<BinaryStep<T, Remainder>>(std::move(spec));
  return std::make_unique<BinaryStep<T, Modulus>>(std::move(spec));
}

}  // namespace

/** What is left of a divided by b, with the sign of b or, with `fmod` 1, of a. ONNX Mod: NumPy broadcasting. */
OperatorDefinition modOperator() {
  OperatorDefinition definition = binaryOperator<Remainder>("Mod");
  definition.attributes = {"fmod"};
  definition.createFloat = create<float>;
  definition.createDouble = create<double>;
  definition.samples = [](int64_t batch) -> std::vector<OperatorSample> {
    const Attribute fmod = number("fmod", 1);
    // No quotient is near a whole number, where the rest jumps.
    return {{{input({batch, 3}, 1.1, 1.4), input({3}, 0.5, 0.53)}, {fmod}},
            {{input({2, 1}, -1.4, -1.1), input({batch, 1, 3}, 0.5, 0.53)}, {fmod}},
            {{input({batch, 3}, -1.4, -1.1), input({batch, 1}, 0.5, 0.53)}}};
  };
  return definition;
}

}  // namespace deltalab
