#include <algorithm>

#include "ops/pad_form.h"
#include "ops/resize_form.h"
#include "reducer.h"
#include "steps.h"

namespace deltalab::cuda {

namespace {

/** Where a position of y comes from along one dimension: a share of `first` and the rest of `second`; first -1: from nowhere. */
struct Source {
  int first, second;
  float share;
};

/** A position of y that reads a position of x, and how much of it. */
struct Reader {
  int at;
  float share;
};

constexpr int kMostDimensions = 8;

/** A dimension of x and of y; neighbours that stay as they are count as one. */
struct Dimension {
  size_t from, to;
  /** Elements between positions of x and of y. */
  size_t xStep, yStep;
  /** By position of y. Null where the dimension stays as it is. */
  const Source* sources;
  /** Those of position i of x are starts[i] to starts[i + 1]. */
  const int* starts;
  const Reader* readers;
};

struct Dimensions {
  int rank = 0;
  Dimension of[kMostDimensions];
};

/** y: sums over up to two positions of x along each dimension. */
struct Sampled {
  Dimensions dimensions;
  LaneValues<const float> x;
  LaneValues<float> y;
  float filling;

  __device__ void operator()(int lane, size_t i) const {
    size_t rest = i, first = 0;
    // Dimensions of which two positions count: the way to the second one, and the share of the first.
    int pairs = 0;
    std::ptrdiff_t ways[kMostDimensions];
    float shares[kMostDimensions];
    for (int d = dimensions.rank; d-- > 0;) {
      const Dimension& dimension = dimensions.of[d];
      const size_t at = rest % dimension.to;
      rest /= dimension.to;
      if (!dimension.sources) {
        first += at * dimension.xStep;
        continue;
      }
      const Source source = dimension.sources[at];
      if (source.first < 0) {
        y.of(lane)[i] = filling;
        return;
      }
      first += static_cast<size_t>(source.first) * dimension.xStep;
      if (source.share == 1) continue;
      ways[pairs] = static_cast<std::ptrdiff_t>(source.second - source.first) * static_cast<std::ptrdiff_t>(dimension.xStep);
      shares[pairs++] = source.share;
    }
    const float* from = x.of(lane) + first;
    float sum = 0;
    for (int corner = 0; corner < 1 << pairs; ++corner) {
      std::ptrdiff_t at = 0;
      float share = 1;
      for (int pair = 0; pair < pairs; ++pair) {
        const bool second = (corner >> pair & 1) != 0;
        at += second ? ways[pair] : 0;
        share *= second ? 1 - shares[pair] : shares[pair];
      }
      sum += share * from[at];
    }
    y.of(lane)[i] = sum;
  }
};

/** dx: sums over the elements of y that have read one of x. */
struct ReadersSummed {
  Dimensions dimensions;
  LaneValues<const float> dy;
  LaneValues<float> dx;
  bool accumulate;

  /** Those of an element of x: of every dimension some that follow each other. */
  struct Found {
    size_t count = 1;
    /** In y, of the dimensions that stay. */
    size_t base = 0;
    const Reader* readers[kMostDimensions];
    unsigned counts[kMostDimensions];
  };

  __device__ Found find(size_t i) const {
    Found found;
    for (int d = dimensions.rank; d-- > 0;) {
      const Dimension& dimension = dimensions.of[d];
      const size_t at = i % dimension.from;
      i /= dimension.from;
      if (!dimension.sources) {
        found.base += at * dimension.yStep;
        continue;
      }
      const int begin = dimension.starts[at];
      found.readers[d] = dimension.readers + begin;
      found.counts[d] = static_cast<unsigned>(dimension.starts[at + 1] - begin);
      found.count *= found.counts[d];
    }
    return found;
  }

  __device__ float read(const Found& found, const float* from, size_t term) const {
    size_t at = found.base;
    float share = 1;
    for (int d = dimensions.rank; d-- > 0;) {
      const Dimension& dimension = dimensions.of[d];
      if (!dimension.sources) continue;
      const Reader reader = found.readers[d][term % found.counts[d]];
      term /= found.counts[d];
      at += static_cast<size_t>(reader.at) * dimension.yStep;
      share *= reader.share;
    }
    return share * from[at];
  }

  __device__ Sums<1> term(int lane, size_t i, size_t term) const {
    const Found found = find(i);
    return {{term < found.count ? static_cast<double>(read(found, dy.of(lane), term)) : 0.0}};
  }
  __device__ void store(int lane, size_t i, const Sums<1>& sums) const {
    float* to = dx.of(lane) + i;
    *to = (accumulate ? *to : 0.0F) + static_cast<float>(sums.of[0]);
  }
  __device__ void operator()(int lane, size_t i) const {
    const Found found = find(i);
    double sum = 0;
    for (size_t term = 0; term < found.count; ++term) sum += static_cast<double>(read(found, dy.of(lane), term));
    store(lane, i, {{sum}});
  }
};

/** y by tables, one for each dimension: Pad and Resize. */
class ResampleStep final : public DeviceStep {
 public:
  /** `sources`: by dimension; none where it stays as it is. `filling`: what comes from nowhere. */
  ResampleStep(StepSpec<float>&& spec, Stream& stream, const std::vector<std::vector<Source>>& sources, float filling)
      : DeviceStep(std::move(spec), stream), filling_(filling) {
    const Shape &x = inputs[0].shape, &y = output.shape;
    const std::vector<std::ptrdiff_t> xSteps = stridesOf(x), ySteps = stridesOf(y);
    for (size_t d = 0; d < x.size(); ++d) {
      add({static_cast<size_t>(x[d]), static_cast<size_t>(y[d]), static_cast<size_t>(xSteps[d]), static_cast<size_t>(ySteps[d]), nullptr, nullptr, nullptr},
          sources[d]);
    }
    if (inputs[0].needsGradient && isFar()) sums_ = Reducer<Sums<1>>(stream, lanes, ReductionShape::of(inputs[0].count, mostReaders_, 1));
  }

  void forward(Run&) override { forEachElement(stream_, lanes, output.count, Sampled{dimensions_, valuesOf(inputs[0]), resultOf(output), filling_}); }

  void backward(Run&) override {
    const Operand<float>& target = inputs[0];
    if (!target.needsGradient) return;
    const ReadersSummed sums{dimensions_, givenTo(output), gradientOf(target), target.accumulate};
    if (isFar()) sums_.run(Summing<1, ReadersSummed>{sums});
    else forEachElement(stream_, lanes, target.count, sums);
  }

 private:
  /** Few elements that all are spread far are worth many threads each; a few that are, at an edge, are not. */
  bool isFar() const {
    constexpr size_t kFar = 64;
    return output.count / inputs[0].count > kFar;
  }

  void add(Dimension dimension, const std::vector<Source>& sources) {
    Dimension* last = dimensions_.rank > 0 ? &dimensions_.of[dimensions_.rank - 1] : nullptr;
    if (sources.empty() && last && !last->sources) {
      last->from *= dimension.from;
      last->to *= dimension.to;
      last->xStep = dimension.xStep;
      last->yStep = dimension.yStep;
      return;
    }
    if (dimensions_.rank == kMostDimensions) failRank();
    if (!sources.empty()) addTables(dimension, sources);
    dimensions_.of[dimensions_.rank++] = dimension;
  }

  void addTables(Dimension& dimension, const std::vector<Source>& sources) {
    std::vector<std::vector<Reader>> byPosition(dimension.from);
    for (size_t i = 0; i < sources.size(); ++i) {
      const Source& source = sources[i];
      const int at = static_cast<int>(i);
      if (source.first < 0) continue;
      if (source.share > 0) byPosition[static_cast<size_t>(source.first)].push_back({at, source.share});
      if (source.share < 1) byPosition[static_cast<size_t>(source.second)].push_back({at, 1 - source.share});
    }
    std::vector<int> starts{0};
    std::vector<Reader> readers;
    size_t most = 1;
    for (const std::vector<Reader>& own : byPosition) {
      readers.insert(readers.end(), own.begin(), own.end());
      starts.push_back(static_cast<int>(readers.size()));
      most = std::max(most, own.size());
    }
    mostReaders_ *= most;
    sources_.emplace_back(stream_, sources);
    starts_.emplace_back(stream_, starts);
    readers_.emplace_back(stream_, readers);
    dimension.sources = sources_.back().data();
    dimension.starts = starts_.back().data();
    dimension.readers = readers_.back().data();
  }

  Dimensions dimensions_;
  float filling_;
  size_t mostReaders_ = 1;
  Reducer<Sums<1>> sums_;
  std::vector<DeviceMemory<Source>> sources_;
  std::vector<DeviceMemory<int>> starts_;
  std::vector<DeviceMemory<Reader>> readers_;
};

std::unique_ptr<Step<float>> makePad(StepSpec<float>&& spec, Stream& stream) {
  std::vector<std::vector<Source>> sources;
  for (const std::vector<int64_t>& positions : padSources(spec.context)) {
    const size_t d = sources.size();
    sources.emplace_back();
    bool stays = spec.context.shape(0)[d] == static_cast<int64_t>(positions.size());
    for (size_t i = 0; i < positions.size(); ++i) {
      sources[d].push_back({static_cast<int>(positions[i]), static_cast<int>(positions[i]), 1});
      stays = stays && positions[i] == static_cast<int64_t>(i);
    }
    if (stays) sources[d].clear();
  }
  const float filling = static_cast<float>(spec.context.constantNumber(2, 0));
  return std::make_unique<ResampleStep>(std::move(spec), stream, sources, filling);
}

std::unique_ptr<Step<float>> makeResize(StepSpec<float>&& spec, Stream& stream) {
  std::vector<std::vector<Source>> sources;
  for (const ResizedAxis& axis : resizedAxes(spec.context)) {
    sources.emplace_back();
    if (axis.stays()) continue;
    for (const ResizeSource& source : resizeSources(spec.context, axis)) {
      sources.back().push_back({static_cast<int>(source.first), static_cast<int>(source.second), static_cast<float>(source.share)});
    }
  }
  return std::make_unique<ResampleStep>(std::move(spec), stream, sources, 0.0F);
}

}  // namespace

const StepTable& resampleSteps() {
  static const StepTable table{{"Pad", makePad}, {"Resize", makeResize}};
  return table;
}

}  // namespace deltalab::cuda
