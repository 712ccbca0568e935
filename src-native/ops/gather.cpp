#include <cmath>

#include "core/errors.h"
#include "core/sample.h"
#include "gather_form.h"
#include "loops.h"
#include "table.h"

namespace deltalab {

namespace {

size_t axisOf(const NodeContext& context) {
  const int64_t rank = static_cast<int64_t>(context.shape(0).size());
  if (rank == 0) context.failShape("a scalar has nothing to look up");
  return static_cast<size_t>(context.axis(0, rank, rank - 1));
}

std::vector<Shape> shapes(const NodeContext& context) {
  const Shape& data = context.shape(0);
  const Shape& indices = context.shape(1);
  const size_t axis = axisOf(context);
  if (const Initializer* constant = context.initializers[1]; constant && constant->integer) {
    for (int64_t index : constant->integers) {
      if (index < -data[axis] || index >= data[axis]) {
        context.failShape("the index " + std::to_string(index) + " is outside dimension " + std::to_string(axis) + " of " + toText(data));
      }
    }
  }
  Shape result(data.begin(), data.begin() + static_cast<std::ptrdiff_t>(axis));
  result.insert(result.end(), indices.begin(), indices.end());
  result.insert(result.end(), data.begin() + static_cast<std::ptrdiff_t>(axis) + 1, data.end());
  if (elementCount(result) == 0) context.failShape("there is no index to look up");
  return {result};
}

template <class T>
class GatherStep : public Step<T> {
 public:
  explicit GatherStep(StepSpec<T>&& spec) : GatherStep(std::move(spec), spec.context, gatherForm(spec.context)) {}

  void forward(Run& run) override {
    resolveIndices(run);
    const size_t n = blocks_.inner;
    const size_t looked = this->inputs[1].count;
    forEachRange(run, blocks_.outer * looked, n, [&](int lane, size_t begin, size_t end) {
      const T* data = this->inputs[0].data(lane);
      T* y = this->output.mutableData(lane);
      const size_t* rows = rowsOf(lane);
      for (size_t i = begin; i < end; ++i) std::copy_n(data + (i / looked * size_ + rows[i % looked]) * n, n, y + i * n);
    });
  }

  /** A row looked up several times gets the sum, in the order of the indices. */
  void backward(Run& run) override {
    const Operand<T>& target = this->inputs[0];
    if (!target.needsGradient) return;
    const size_t n = blocks_.inner;
    const size_t looked = this->inputs[1].count;
    if (!target.accumulate) {
      forEachChunk(run, target.count, [&](int lane, size_t begin, size_t count) {
        std::fill_n(target.gradient(lane) + begin, count, T(0));
      });
    }
    // Tiles of columns: two threads never add to the same element.
    constexpr size_t kColumns = 64;
    const size_t tiles = (n + kColumns - 1) / kColumns;
    forEachRange(run, blocks_.outer * tiles, looked * std::min(n, kColumns), [&](int lane, size_t begin, size_t end) {
      const T* dy = this->output.gradient(lane);
      T* dx = target.gradient(lane);
      const size_t* rows = rowsOf(lane);
      for (size_t i = begin; i < end; ++i) {
        const size_t outer = i / tiles;
        const size_t column = i % tiles * kColumns;
        const size_t width = std::min(kColumns, n - column);
        for (size_t j = 0; j < looked; ++j) {
          const T* from = dy + (outer * looked + j) * n + column;
          T* to = dx + (outer * size_ + rows[j]) * n + column;
          for (size_t k = 0; k < width; ++k) to[k] += from[k];
        }
      }
    });
  }

 private:
  GatherStep(StepSpec<T>&& spec, const NodeContext& context, const GatherForm& form)
      : Step<T>(std::move(spec)),
        size_(form.size),
        blocks_(form.blocks),
        node_(context.node->name),
        value_(context.node->inputs[1]),
        rows_(this->inputs[1].count * static_cast<size_t>(this->inputs[1].storage->laneStride == 0 ? 1 : this->lanes)) {}

  const size_t* rowsOf(int lane) const {
    return rows_.data() + (this->inputs[1].storage->laneStride == 0 ? 0 : static_cast<size_t>(lane) * this->inputs[1].count);
  }

  /** From numbers, negative ones counted from the end, to rows: here and not in the tasks, which must not throw. */
  void resolveIndices(Run& run) {
    const Operand<T>& indices = this->inputs[1];
    const int lanes = indices.storage->laneStride == 0 ? 1 : run.lanes.count;
    const T size = static_cast<T>(size_);
    for (int lane = 0; lane < lanes; ++lane) {
      if (lanes > 1 && !run.lanes.has(lane)) continue;
      const T* given = indices.data(lane);
      size_t* rows = rows_.data() + static_cast<size_t>(lane) * indices.count;
      for (size_t i = 0; i < indices.count; ++i) {
        const T index = given[i];
        // NaN fails the comparisons, too.
        if (!(index >= -size && index < size) || index != std::floor(index)) failIndex(value_, node_, size_, static_cast<double>(index));
        rows[i] = static_cast<size_t>(index < 0 ? index + size : index);
      }
    }
  }

  size_t size_;
  Blocks blocks_;
  std::string node_, value_;
  std::vector<size_t> rows_;
};

}  // namespace

void failIndex(const std::string& value, const std::string& node, size_t size, double index) {
  std::string number = std::to_string(index);
  if (index == std::floor(index) && std::fabs(index) < 1e15) number = std::to_string(static_cast<int64_t>(index));
  const std::string reason = "the index " + number + " is not one of the " + std::to_string(size) + " entries (0 to " + std::to_string(size - 1) + ")";
  throw EngineError("graph.value", "The value " + value + ", read by " + node + ": " + reason, {{"value", value}, {"node", node}, {"reason", reason}});
}

GatherForm gatherForm(const NodeContext& context) {
  const size_t axis = axisOf(context);
  return {static_cast<size_t>(context.shape(0)[axis]), blocksAround(context.shape(0), axis, axis + 1)};
}

/** The entries of input 1 along `axis` (0 unless given) that the whole numbers of input 2 name: an embedding. ONNX Gather. */
OperatorDefinition gatherOperator() {
  OperatorDefinition definition;
  definition.opType = "Gather";
  definition.minInputs = 2;
  definition.maxInputs = 2;
  definition.attributes = {"axis"};
  definition.indices = {1};
  definition.shapes = shapes;
  definition.useSteps<GatherStep>();
  definition.samples = [](int64_t batch) -> std::vector<OperatorSample> {
    std::vector<double> entries;
    for (int64_t i = 0; i < 2 * batch; ++i) entries.push_back(static_cast<double>(i * 3 % 10 - 5));
    return {{{input({5, 3}), integerInput({batch, 2}, std::move(entries))}},
            {{input({batch, 4, 2}), integerInput({3, 3, -4})}, {number("axis", 1)}},
            {{input({batch, 3}), integerInput({}, {-2})}, {number("axis", -1)}}};
  };
  return definition;
}

}  // namespace deltalab
