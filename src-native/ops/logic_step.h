#pragma once

#include "binary_step.h"
#include "logic_functions.h"

namespace deltalab {

/** Whole numbers that are true or false, spread from either side. */
std::vector<OperatorSample> truthSamples(int64_t batch);

/**
 * y = 1 where a statement about a and b holds and 0 elsewhere, with broadcasting. Function has a static template holds(a, b). There is no
 * gradient: the answer does not change with small changes of its sources.
 */
template <class Function>
struct Statement {
  static constexpr bool kPassesGradient = false;
  template <class T>
  static T value(T a, T b) {
    return Function::holds(a, b) ? T(1) : T(0);
  }
  template <class T>
  static T gradientA(T, T, T) {
    return 0;
  }
  template <class T>
  static T gradientB(T, T, T) {
    return 0;
  }
};

template <class Function>
OperatorDefinition statementOperator(const char* opType) {
  OperatorDefinition definition = binaryOperator<Statement<Function>>(opType);
  definition.differentiableOutputs = 0;
  definition.indices = {0, 1};
  return definition;
}

/** A statement about truth values. */
template <class Function>
OperatorDefinition logicOperator(const char* opType) {
  OperatorDefinition definition = statementOperator<Function>(opType);
  definition.samples = truthSamples;
  return definition;
}

}  // namespace deltalab
