#include "copy.h"
#include "ops/strided_form.h"
#include "steps.h"

namespace deltalab::cuda {

namespace {

/** y = x at the places of the loops. */
struct Taken {
  DeviceLoops<1> loops;
  LaneValues<const float> x;
  LaneValues<float> y;

  __device__ void operator()(int lane, size_t i) const { y.of(lane)[i] = x.of(lane)[loops.at(i).of[0]]; }
};

/** dx at the places of the loops: each is there once at most. */
struct GivenBack {
  DeviceLoops<1> loops;
  LaneValues<const float> dy;
  LaneValues<float> dx;
  bool accumulate;

  __device__ void operator()(int lane, size_t i) const {
    float* to = dx.of(lane) + loops.at(i).of[0];
    *to = (accumulate ? *to : 0.0F) + dy.of(lane)[i];
  }
};

/** Matrices [rows][columns] to be transposed: elements between rows of what is read and of what is written. */
struct Transposition {
  LaneValues<const float> from;
  LaneValues<float> to;
  /** Offsets of a matrix in y and in x. */
  DeviceLoops<2> matrices;
  /** Which of them is that of `from`. */
  int fromIndex;
  unsigned across, down;
  size_t rows, columns, fromRow, toRow;
  bool accumulate;
};

/** A tile goes through shared memory: its rows are read, and written, side by side. */
constexpr unsigned kTile = 32;
constexpr unsigned kTileRows = 8;

__global__ void transposeKernel(Transposition t) {
  // A column more than the tile has, so that those who read it downwards meet in no bank.
  __shared__ float tile[kTile][kTile + 1];
  const int lane = static_cast<int>(blockIdx.y);
  const unsigned index = blockIdx.x;
  const size_t column = size_t{index % t.across} * kTile, row = size_t{index / t.across % t.down} * kTile;
  const auto matrix = t.matrices.at(index / t.across / t.down);
  const float* from = t.from.of(lane) + matrix.of[t.fromIndex];
  float* to = t.to.of(lane) + matrix.of[1 - t.fromIndex];
  const unsigned x = threadIdx.x;
  for (unsigned y = threadIdx.y; y < kTile; y += kTileRows) {
    if (row + y < t.rows && column + x < t.columns) tile[y][x] = from[(row + y) * t.fromRow + column + x];
  }
  __syncthreads();
  for (unsigned y = threadIdx.y; y < kTile; y += kTileRows) {
    if (column + y >= t.columns || row + x >= t.rows) continue;
    float* at = to + (column + y) * t.toRow + row + x;
    *at = (t.accumulate ? *at : 0.0F) + tile[x][y];
  }
}

/** y = some of the elements of x, each at most once, in another order. */
class StridedStep final : public DeviceStep {
 public:
  StridedStep(StepSpec<float>&& spec, Stream& stream, const StridedForm& form)
      : DeviceStep(std::move(spec), stream), loops_(form.loops), offset_(form.offset), matrices_(form, inputs[0].count, output.count) {}

  void forward(Run&) override {
    const LaneValues<const float> x = valuesOf(inputs[0]);
    if (tiled()) {
      return transpose({x, resultOf(output), DeviceLoops<2>(matrices_.loops), 1, 0, 0, matrices_.rows, matrices_.columns, matrices_.xStride,
                        matrices_.yStride, false});
    }
    forEachElement(stream_, lanes, output.count, Taken{loops_, {x.data + offset_, x.lane}, resultOf(output)});
  }

  void backward(Run&) override {
    const Operand<float>& target = inputs[0];
    if (!target.needsGradient) return;
    const LaneValues<float> dx = gradientOf(target);
    if (tiled()) {
      return transpose({givenTo(output), dx, DeviceLoops<2>(matrices_.loops), 0, 0, 0, matrices_.columns, matrices_.rows, matrices_.yStride,
                        matrices_.xStride, target.accumulate});
    }
    if (target.count != output.count && !target.accumulate) fill(stream_, lanes, target.count, dx, 0);
    forEachElement(stream_, lanes, output.count, GivenBack{loops_, givenTo(output), {dx.data + offset_, dx.lane}, target.accumulate});
  }

 private:
  /** In narrower matrices, neighbours share what they fetch as it is, and most of a tile would be empty. */
  static constexpr size_t kNarrow = 8;

  bool tiled() const { return matrices_.count > 0 && matrices_.rows >= kNarrow && matrices_.columns >= kNarrow; }

  void transpose(Transposition t) {
    t.across = blocksFor(t.columns, kTile);
    t.down = blocksFor(t.rows, kTile);
    const unsigned tiles = t.across * t.down * static_cast<unsigned>(matrices_.count);
    stream_.launch(transposeKernel, dim3(tiles, static_cast<unsigned>(lanes)), dim3(kTile, kTileRows), t);
  }

  DeviceLoops<1> loops_;
  std::ptrdiff_t offset_;
  StridedMatrices matrices_;
};

template <StridedForm (*formOf)(const NodeContext&)>
std::unique_ptr<Step<float>> makeStrided(StepSpec<float>&& spec, Stream& stream) {
  const StridedForm form = formOf(spec.context);
  return std::make_unique<StridedStep>(std::move(spec), stream, form);
}

}  // namespace

const StepTable& stridedSteps() {
  static const StepTable table{
    {"DepthToSpace", makeStrided<depthToSpaceForm>},
    {"Slice", makeStrided<sliceForm>},
    {"SpaceToDepth", makeStrided<spaceToDepthForm>},
    {"Transpose", makeStrided<transposeForm>},
  };
  return table;
}

}  // namespace deltalab::cuda
