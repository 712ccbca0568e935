#include "strided_form.h"

namespace deltalab {

StridedMatrices::StridedMatrices(const StridedForm& form, size_t xCount, size_t yCount) {
  const Loops<1>& all = form.loops;
  if (xCount != yCount || form.offset != 0 || all.rank() < 2 || all.innerStep(0) == 1) return;
  const size_t inner = all.rank() - 1;
  size_t column = inner;
  for (size_t loop = 0; loop < inner; ++loop) {
    if (all.step(loop, 0) == 1) column = loop;
  }
  if (column == inner) return;
  rows = all.size(inner);
  columns = all.size(column);
  xStride = static_cast<size_t>(all.step(inner, 0));
  yStride = 1;
  for (size_t loop = column + 1; loop <= inner; ++loop) yStride *= all.size(loop);
  std::ptrdiff_t stride = static_cast<std::ptrdiff_t>(yCount);
  for (size_t loop = 0; loop < inner; ++loop) {
    stride /= static_cast<std::ptrdiff_t>(all.size(loop));
    if (loop != column) loops.add(all.size(loop), {stride, all.step(loop, 0)});
  }
  count = yCount / (rows * columns);
}

}  // namespace deltalab
