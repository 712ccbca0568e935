#include "backend.h"

#include "copy.h"
#include "steps.h"

namespace deltalab::cuda {

namespace {

/** All of them: of the operators in ops/table.cpp those that a card has, too. */
const StepTable& steps() {
  static const StepTable table = [] {
    StepTable all;
    for (const StepTable* part : {
           &activationSteps(),
           &argExtremeSteps(),
           &batchNormalizationSteps(),
           &binarySteps(),
           &castSteps(),
           &concatSplitSteps(),
           &convSteps(),
           &cumSumSteps(),
           &dropoutSteps(),
           &gatherSteps(),
           &gemmSteps(),
           &gruSteps(),
           &logicSteps(),
           &lrnSteps(),
           &lstmSteps(),
           &matMulSteps(),
           &normaliseSteps(),
           &poolSteps(),
           &reduceSteps(),
           &resampleSteps(),
           &rnnSteps(),
           &softmaxSteps(),
           &spreadSteps(),
           &stridedSteps(),
           &triluSteps(),
           &unarySteps(),
           &variadicSteps(),
           &whereSteps(),
         }) {
      all.insert(part->begin(), part->end());
    }
    return all;
  }();
  return table;
}

}  // namespace

bool hasOperator(const std::string& opType) { return steps().count(opType) != 0; }

void CudaBackend::fill(float* values, size_t count, float value) { cuda::fill(stream_, 1, count, {values, 0}, value); }

std::unique_ptr<Step<float>> CudaBackend::createStep(StepSpec<float>&& spec) {
  const StepMaker make = steps().at(spec.context.node->opType);
  return make(std::move(spec), stream_);
}

}  // namespace deltalab::cuda
