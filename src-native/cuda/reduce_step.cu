#include "ops/reduce_step.h"
#include "reducer.h"
#include "steps.h"

namespace deltalab::cuda {

namespace {

/** The elements that make up each element of the output: `kept` tells where those of an output begin, `reduced` where they lie from there. */
struct Sources {
  DeviceLoops<1> kept, reduced;
  LaneValues<const float> x;

  __device__ const float* line(int lane, size_t i) const { return x.of(lane) + kept.at(i).of[0]; }
  __device__ float value(const float* line, size_t term) const { return line[reduced.at(term).of[0]]; }
};

template <class Kind>
struct Values {
  using Total = typename Kind::template Total<float>;

  Sources sources;
  LaneValues<float> y;

  __device__ Total start() const { return Kind::template start<float>(); }
  __device__ const float* line(int lane, size_t i) const { return sources.line(lane, i); }
  __device__ Total add(const Total& total, const float* line, size_t term) const { return Kind::add(total, sources.value(line, term)); }
  __device__ Total join(const Total& a, const Total& b) const { return Kind::join(a, b); }
  __device__ void store(int lane, size_t i, const Total& total) const {
    y.of(lane)[i] = Kind::template result<float>(total, sources.reduced.count);
  }
};

/** What the gradient of an extreme is shared by: 1 / the number of elements that are it. */
struct Shares {
  using Total = double;
  struct Line {
    const float* x;
    float y;
  };

  Sources sources;
  LaneValues<const float> y;
  float* shares;

  __device__ Total start() const { return 0; }
  __device__ Line line(int lane, size_t i) const { return {sources.line(lane, i), y.of(lane)[i]}; }
  __device__ Total add(Total total, const Line& line, size_t term) const { return sources.value(line.x, term) == line.y ? total + 1 : total; }
  __device__ Total join(Total a, Total b) const { return a + b; }
  __device__ void store(int lane, size_t i, Total total) const {
    shares[static_cast<size_t>(lane) * sources.kept.count + i] = static_cast<float>(1 / (total < 1 ? 1 : total));
  }
};

/** The product of the elements that are not 0, and how many are. */
struct Factors {
  double product;
  size_t zeros;
};

/** The product of all the others for an element that is 0. */
struct ProductsOfOthers {
  using Total = Factors;

  Sources sources;
  float* products;

  __device__ Total start() const { return {1, 0}; }
  __device__ const float* line(int lane, size_t i) const { return sources.line(lane, i); }
  __device__ Total add(const Total& total, const float* line, size_t term) const {
    const float x = sources.value(line, term);
    return x == 0 ? Total{total.product, total.zeros + 1} : Total{total.product * static_cast<double>(x), total.zeros};
  }
  __device__ Total join(const Total& a, const Total& b) const { return {a.product * b.product, a.zeros + b.zeros}; }
  __device__ void store(int lane, size_t i, const Total& total) const {
    products[static_cast<size_t>(lane) * sources.kept.count + i] = static_cast<float>(total.zeros > 1 ? total.product * 0 : total.product);
  }
};

template <class Kind>
struct Gradient {
  /** The whole input in order, with steps in the output. */
  DeviceLoops<1> spread;
  LaneValues<const float> x, y, dy;
  LaneValues<float> dx;
  /** Shares or ProductsOfOthers, of every output of every lane. */
  const float* prepared;
  size_t count;
  float scale;
  bool accumulate;

  __device__ void operator()(int lane, size_t i) const {
    const size_t from = static_cast<size_t>(spread.at(i).of[0]);
    float* to = dx.of(lane) + i;
    *to = (accumulate ? *to : 0.0F) + dy.of(lane)[from] * slope(lane, i, from);
  }

  /** ∂y/∂x of element i of the input and element `from` of the output. What is not named as read may not be there. */
  __device__ float slope(int lane, size_t i, size_t from) const {
    if constexpr (Kind::kSelects) return x.of(lane)[i] == y.of(lane)[from] ? prepared[static_cast<size_t>(lane) * count + from] : 0.0F;
    else if constexpr (Kind::kSloped) {
      const float value = x.of(lane)[i];
      if constexpr (Kind::kMultiplies) {
        // A division by 0 does not give the product of the others.
        if (value == 0) return prepared[static_cast<size_t>(lane) * count + from];
      }
      return Kind::slope(value, y.of(lane)[from]);
    } else return scale;
  }
};

template <class Kind>
constexpr bool multiplies() {
  if constexpr (Kind::kSloped) return Kind::kMultiplies;
  else return false;
}

/** y = Kind over the reduced dimensions. */
template <class Kind>
class ReduceStep final : public DeviceStep {
 public:
  ReduceStep(StepSpec<float>&& spec, Stream& stream) : ReduceStep(std::move(spec), stream, reductionOf(spec.context)) {}

  void forward(Run&) override { values_.run(Values<Kind>{sources(), resultOf(output)}); }

  void backward(Run&) override {
    const Operand<float>& target = inputs[0];
    if (!target.needsGradient) return;
    if constexpr (Kind::kSelects) sharing_.run(Shares{sources(), valuesOf(output), prepared_.data()});
    if constexpr (multiplies<Kind>()) multiplying_.run(ProductsOfOthers{sources(), prepared_.data()});
    const float scale = Kind::kMean ? static_cast<float>(1.0 / static_cast<double>(reduced_.count)) : 1.0F;
    forEachElement(stream_, lanes, target.count,
                   Gradient<Kind>{spread_, valuesOf(target), valuesOf(output), givenTo(output), gradientOf(target), prepared_.data(), output.count,
                                  scale, target.accumulate});
  }

 private:
  ReduceStep(StepSpec<float>&& spec, Stream& stream, const Reduction& reduction) : DeviceStep(std::move(spec), stream) {
    const Operand<float>& x = inputs[0];
    const std::vector<ptrdiff_t> strides = stridesOf(x.shape);
    Loops<1> kept, reduced;
    Shape keptShape = x.shape;
    for (size_t i = 0; i < x.shape.size(); ++i) {
      (reduction.reduced[i] ? reduced : kept).add(static_cast<size_t>(x.shape[i]), {strides[i]});
      if (reduction.reduced[i]) keptShape[i] = 1;
    }
    kept_ = DeviceLoops<1>(kept);
    reduced_ = DeviceLoops<1>(reduced);
    spread_ = DeviceLoops<1>(broadcastLoops<1>({&keptShape}, x.shape));
    const ReductionShape shape = ReductionShape::of(output.count, reduced_.count, kept.innerStep(0) == 1 ? kept.innerSize() : 1);
    values_ = Reducer<typename Kind::template Total<float>>(stream, lanes, shape);
    if (!x.needsGradient) return;
    if (Kind::kSelects) sharing_ = Reducer<double>(stream, lanes, shape);
    if (multiplies<Kind>()) multiplying_ = Reducer<Factors>(stream, lanes, shape);
    if (Kind::kSelects || multiplies<Kind>()) prepared_ = DeviceMemory<float>(stream, static_cast<size_t>(lanes) * output.count);
  }

  /** Where values lie is known when a step runs only. */
  Sources sources() const { return {kept_, reduced_, valuesOf(inputs[0])}; }

  DeviceLoops<1> kept_, reduced_, spread_;
  Reducer<typename Kind::template Total<float>> values_;
  Reducer<double> sharing_;
  Reducer<Factors> multiplying_;
  DeviceMemory<float> prepared_;
};

}  // namespace

const StepTable& reduceSteps() {
  static const StepTable table{
    {"ReduceL1", makeStep<ReduceStep<ReduceL1>>},
    {"ReduceL2", makeStep<ReduceStep<ReduceL2>>},
    {"ReduceLogSum", makeStep<ReduceStep<ReduceLogSum>>},
    {"ReduceLogSumExp", makeStep<ReduceStep<ReduceLogSumExp>>},
    {"ReduceMax", makeStep<ReduceStep<ExtremeKind<1>>>},
    {"ReduceMean", makeStep<ReduceStep<SumKind<true>>>},
    {"ReduceMin", makeStep<ReduceStep<ExtremeKind<-1>>>},
    {"ReduceProd", makeStep<ReduceStep<ReduceProd>>},
    {"ReduceSum", makeStep<ReduceStep<SumKind<false>>>},
    {"ReduceSumSquare", makeStep<ReduceStep<ReduceSumSquare>>},
  };
  return table;
}

}  // namespace deltalab::cuda
