#pragma once

#include "loops.h"

namespace deltalab {

/** Some of the elements of x, each at most once, in another order: loops over y with a step for x, and the element of x that y begins with. */
struct StridedForm {
  Loops<1> loops;
  std::ptrdiff_t offset = 0;
};

StridedForm depthToSpaceForm(const NodeContext& context);
StridedForm sliceForm(const NodeContext& context);
StridedForm spaceToDepthForm(const NodeContext& context);
StridedForm transposeForm(const NodeContext& context);

/** Where y's inner loop has large steps in x, and another loop has step 1: matrices that together are transposed. */
struct StridedMatrices {
  /** 0: none. */
  size_t count = 0;
  /** As they lie in x. */
  size_t rows = 0, columns = 0;
  /** Elements between rows of x, and between rows of y, which are columns of x. */
  size_t xStride = 0, yStride = 0;
  /** The loops over the matrices, with steps in y and in x. */
  Loops<2> loops;

  StridedMatrices() = default;
  StridedMatrices(const StridedForm& form, size_t xCount, size_t yCount);
};

}  // namespace deltalab
