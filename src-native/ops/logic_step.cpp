#include "logic_step.h"

namespace deltalab {

std::vector<OperatorSample> truthSamples(int64_t batch) {
  std::vector<double> rows;
  for (int64_t i = 0; i < 3 * batch; ++i) rows.push_back(static_cast<double>(i * i % 5 % 2));
  return {{{integerInput({batch, 3}, rows), integerInput({1, 0, 1})}}, {{integerInput({}, {1}), integerInput({batch, 3}, rows)}}};
}

}  // namespace deltalab
