#include "ops/gather_form.h"

#include "copy.h"
#include "device_memory.h"
#include "fault.h"
#include "sort.h"
#include "steps.h"

namespace deltalab::cuda {

namespace {

/** The rows that the numbers of input 2 name. */
struct Indices {
  LaneValues<const float> numbers;
  unsigned size;

  /** `size` where there is no such row. */
  __device__ unsigned rowAt(int lane, size_t i) const {
    const float index = numbers.of(lane)[i], rows = static_cast<float>(size);
    // NaN fails the comparison, too.
    if (!(index >= -rows && index < rows) || index != floorf(index)) return size;
    return static_cast<unsigned>(index < 0 ? index + rows : index);
  }
};

/** y: for every block and index a row; NaN where there is none, which is reported of lanes that take part. */
struct Looked {
  Indices indices;
  FaultReport fault;
  /** Null: all take part, as they do where they look up the same. */
  const unsigned char* active;
  LaneValues<const float> data;
  LaneValues<float> y;
  size_t inner, count;

  __device__ void operator()(int lane, size_t i) const {
    const size_t column = i % inner, place = i / inner;
    const unsigned row = indices.rowAt(lane, place % count);
    if (row == indices.size && column == 0 && (!active || active[lane])) {
      fault.at(static_cast<size_t>(lane) * count + place % count, indices.numbers.of(lane)[place % count]);
    }
    y.of(lane)[i] = row == indices.size ? NAN : data.of(lane)[(place / count * indices.size + row) * inner + column];
  }
};

/** Row and place of every index, so that sorting brings those of a row together in the order of the indices. */
struct Keys {
  Indices indices;
  uint64_t* keys;
  size_t count, room;

  __device__ void operator()(int lane, size_t i) const {
    keys[static_cast<size_t>(lane) * room + i] = i < count ? static_cast<uint64_t>(indices.rowAt(lane, i)) << 32 | i : ~uint64_t{0};
  }
};

/** Places, sorted by row, of which a thread adds up those of one row at most. */
constexpr size_t kRun = 32;

/**
 * The gradient of the rows, each the sum over its places. A row with many of them is added up run by run, so that no thread has much to do
 * where most indices name the same row (padding); what a run gives to a row that goes on beyond it is kept in `parts`.
 */
struct RowSums {
  const uint64_t* keys;
  /** 0 where all lanes look up the same. */
  size_t keyLane;
  unsigned size;
  size_t inner, count;
  LaneValues<const float> dy;
  LaneValues<float> dx;
  /** Of every block and run [2][inner]: of the row that has begun before it, and of the one that goes on after it. */
  LaneValues<double> parts;
  bool accumulate;

  __device__ uint64_t keyAt(int lane, size_t place) const { return keys[static_cast<size_t>(lane) * keyLane + place]; }
  __device__ unsigned rowAt(int lane, size_t place) const { return static_cast<unsigned>(keyAt(lane, place) >> 32); }
  __device__ bool goesOn(int lane, size_t place) const { return place + 1 < count && rowAt(lane, place + 1) == rowAt(lane, place); }
  __device__ size_t runs() const { return (count + kRun - 1) / kRun; }
  __device__ double* partOf(int lane, size_t block, size_t run, int which, size_t column) const {
    return parts.of(lane) + ((block * runs() + run) * 2 + static_cast<size_t>(which)) * inner + column;
  }
  __device__ void store(int lane, size_t block, unsigned row, size_t column, double sum) const {
    float* to = dx.of(lane) + (block * size + row) * inner + column;
    *to = (accumulate ? *to : 0.0F) + static_cast<float>(sum);
  }
};

/** Adds up from the beginnings of rows and of runs to the end of either. */
struct WithinRuns {
  RowSums sums;

  __device__ void operator()(int lane, size_t i) const {
    const size_t column = i % sums.inner, block = i / sums.inner / sums.count;
    size_t place = i / sums.inner % sums.count;
    const size_t run = place / kRun;
    const unsigned row = sums.rowAt(lane, place);
    const bool begins = place == 0 || !sums.goesOn(lane, place - 1);
    if (row == sums.size || (!begins && place % kRun != 0)) return;
    const float* from = sums.dy.of(lane) + block * sums.count * sums.inner + column;
    double sum = 0;
    bool more = true;
    for (; more && place / kRun == run; ++place) {
      sum += static_cast<double>(from[static_cast<size_t>(static_cast<uint32_t>(sums.keyAt(lane, place))) * sums.inner]);
      more = sums.goesOn(lane, place);
    }
    if (begins && !more) sums.store(lane, block, row, column, sum);
    else *sums.partOf(lane, block, run, begins ? 1 : 0, column) = sum;
  }
};

/** For the runs after which a row goes on that has begun in them: the whole row. */
struct AcrossRuns {
  RowSums sums;

  __device__ void operator()(int lane, size_t i) const {
    const size_t column = i % sums.inner, block = i / sums.inner / sums.runs();
    size_t run = i / sums.inner % sums.runs();
    const size_t first = run * kRun, last = first + kRun - 1;
    if (last + 1 >= sums.count || !sums.goesOn(lane, last)) return;
    const unsigned row = sums.rowAt(lane, last);
    if (row == sums.size || (first > 0 && sums.rowAt(lane, first - 1) == row)) return;
    double sum = *sums.partOf(lane, block, run, 1, column);
    while (++run < sums.runs() && sums.rowAt(lane, run * kRun) == row) sum += *sums.partOf(lane, block, run, 0, column);
    sums.store(lane, block, row, column, sum);
  }
};

/** y = rows of x; a row that is looked up several times gets the sum, in an order that follows from the indices. */
class GatherStep final : public DeviceStep {
 public:
  GatherStep(StepSpec<float>&& spec, Stream& stream)
      : DeviceStep(std::move(spec), stream),
        form_(gatherForm(spec.context)),
        count_(inputs[1].count),
        room_(roomToSort(count_)),
        fault_(stream, [value = spec.context.node->inputs[1], node = spec.context.node->name, size = form_.size](float index) {
          failIndex(value, node, size, static_cast<double>(index));
        }) {
    if (!inputs[0].needsGradient) return;
    keys_ = DeviceMemory<uint64_t>(stream, room_ * static_cast<size_t>(keyLanes()));
    parts_ = DeviceMemory<double>(stream, partsOfLane() * static_cast<size_t>(lanes));
  }

  void forward(Run& run) override {
    const unsigned char* active = keyLanes() == 1 ? nullptr : run.device.active;
    forEachElement(stream_, lanes, output.count, Looked{indices(), fault_.report(), active, valuesOf(inputs[0]), resultOf(output), form_.blocks.inner, count_});
  }

  void backward(Run&) override {
    const Operand<float>& target = inputs[0];
    if (!target.needsGradient) return;
    forEachElement(stream_, keyLanes(), room_, Keys{indices(), keys_.data(), count_, room_});
    sortKeys(stream_, keyLanes(), keys_.data(), room_);
    if (!target.accumulate) fill(stream_, lanes, target.count, gradientOf(target), 0);
    const RowSums sums{keys_.data(), keyLanes() == 1 ? 0 : room_, static_cast<unsigned>(form_.size), form_.blocks.inner, count_, givenTo(output),
                       gradientOf(target), {parts_.data(), partsOfLane()}, target.accumulate};
    forEachElement(stream_, lanes, output.count, WithinRuns{sums});
    if (runs() > 1) forEachElement(stream_, lanes, form_.blocks.outer * runs() * form_.blocks.inner, AcrossRuns{sums});
  }

 private:
  Indices indices() const { return {valuesOf(inputs[1]), static_cast<unsigned>(form_.size)}; }
  /** Lanes that look up something of their own. */
  int keyLanes() const { return inputs[1].storage->laneStride == 0 ? 1 : lanes; }
  size_t runs() const { return (count_ + kRun - 1) / kRun; }
  size_t partsOfLane() const { return form_.blocks.outer * runs() * 2 * form_.blocks.inner; }

  GatherForm form_;
  size_t count_, room_;
  Fault fault_;
  DeviceMemory<uint64_t> keys_;
  DeviceMemory<double> parts_;
};

}  // namespace

const StepTable& gatherSteps() {
  static const StepTable table{{"Gather", makeStep<GatherStep>}};
  return table;
}

}  // namespace deltalab::cuda
