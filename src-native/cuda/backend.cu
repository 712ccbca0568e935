#include "backend.h"

#include <unordered_map>

#include "steps.h"

namespace deltalab::cuda {

namespace {

using StepMaker = std::unique_ptr<Step<float>> (*)(StepSpec<float>&&, Stream&);

/** Operators of the table of the processor (ops/table.cpp) for which there are kernels here. */
const std::unordered_map<std::string, StepMaker>& makers() {
  static const std::unordered_map<std::string, StepMaker> table{
    {"Elu", activationStep},
    {"Gemm", gemmStep},
    {"LeakyRelu", activationStep},
    {"Relu", activationStep},
    {"Sigmoid", activationStep},
    {"Softplus", activationStep},
    {"Tanh", activationStep},
  };
  return table;
}

}  // namespace

bool CudaBackend::has(const std::string& opType) const { return makers().count(opType) != 0; }

std::unique_ptr<Step<float>> CudaBackend::createStep(StepSpec<float>&& spec) {
  const StepMaker make = makers().at(spec.context.node->opType);
  return make(std::move(spec), stream_);
}

}  // namespace deltalab::cuda
