#include "parity.h"

#include "../backend.h"
#include "core/sample.h"

// Every operator that the cards have, against the processor: outputs and gradients of every sample, for one lane and for three with weights of
// their own. Walks the table, so that a new kernel is covered by being listed.

using namespace deltalab;
using namespace deltalab::testing;

namespace {

void compareOperator(const OperatorDefinition& definition, DeviceBackend& device) {
  for (int64_t batch : {1, 3}) {
    const std::vector<OperatorSample> samples = definition.samples(batch);
    for (size_t i = 0; i < samples.size(); ++i) {
      const Graph graph = sampleGraph(definition, samples[i], 100 + i);
      const std::string name = std::string(definition.opType) + ", sample " + std::to_string(i) + ", batch " + std::to_string(batch);
      for (int lanes : {1, 3}) compareWithProcessor(name + ", lanes " + std::to_string(lanes), graph, samples[i].outputs, lanes, ProgramMode::Training, device);
    }
  }
}

}  // namespace

TEST(cuda_operators_equal_those_of_the_processor) {
  cuda::CudaBackend device(0);
  size_t compared = 0;
  for (const OperatorDefinition* definition : allOperators()) {
    if (definition->view() || !device.has(definition->opType)) continue;
    compareOperator(*definition, device);
    ++compared;
  }
  CHECK(compared > 0);
}

TEST(cuda_comparison_notices_a_difference) {
  CHECK(near({1, 2, 3}, {1, 2, 3.00001F}));
  CHECK(!near({1, 2, 3}, {1, 2, 3.001F}));
  CHECK(!near({1, 2, 3}, {1, 2, std::nanf("")}));
}
