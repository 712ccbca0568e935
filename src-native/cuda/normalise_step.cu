#include "normalise.h"
#include "steps.h"

namespace deltalab::cuda {

namespace {

/** Mean and factor of every row, to the outputs that the node names, too. */
struct RowMoments : Distances {
  double epsilon;
  RowStatistics statistics;
  LaneValues<float> meanOutput, factorOutput;

  __device__ void store(int lane, size_t row, const Sums<2>& sums) const {
    const float rowMean = static_cast<float>(mean(lane, row, sums)), factor = standardFactor<float>(variance(sums), epsilon);
    statistics.means.of(lane)[row] = rowMean;
    statistics.factors.of(lane)[row] = factor;
    if (meanOutput.data) meanOutput.of(lane)[row] = rowMean;
    if (factorOutput.data) factorOutput.of(lane)[row] = factor;
  }
};

/** Σ g and Σ g (x - mean) of every row for g = dy · scale, and the factors of its gradient. */
struct RowProducts {
  NormalisedPlanes form;
  GivenGradient given;
  LaneValues<const float> x, scale;
  RowStatistics statistics;
  /** Gradients of the outputs mean and factor, where there are some. */
  LaneValues<const float> dMean, dFactor;
  LaneValues<GradientFactors<float>> factors;

  __device__ Sums<2> term(int lane, size_t row, size_t, size_t at) const {
    const float g = given.at(lane, at) * scale.of(lane)[form.pairOf(at)];
    return {{static_cast<double>(g), static_cast<double>(g * (x.of(lane)[at] - statistics.means.of(lane)[row]))}};
  }
  __device__ void store(int lane, size_t row, const Sums<2>& sums) const {
    factors.of(lane)[row] = rowGradient(statistics.means.of(lane)[row], statistics.factors.of(lane)[row], form.planes.terms(),
                                        RowSums{sums.of[0], sums.of[1]}, optional(dMean, lane, row), optional(dFactor, lane, row));
  }
  __device__ static double optional(const LaneValues<const float>& gradient, int lane, size_t row) {
    return gradient.data ? static_cast<double>(gradient.of(lane)[row]) : 0;
  }
};

/** ∂E/∂scale and ∂E/∂shift of every pair: over the samples and the run of the pair. */
struct PairProducts {
  /** Rows of a sample, and pairs of a row. */
  size_t groups, entries;
  GivenGradient given;
  LaneValues<const float> x;
  RowStatistics statistics;
  WantedGradient scale, shift;

  __device__ Sums<2> term(int lane, size_t pair, size_t sample, size_t at) const {
    const size_t row = sample * groups + quotient(pair, entries);
    const float dy = given.at(lane, at);
    const float standard = (x.of(lane)[at] - statistics.means.of(lane)[row]) * statistics.factors.of(lane)[row];
    return {{static_cast<double>(dy * standard), static_cast<double>(dy)}};
  }
  __device__ void store(int lane, size_t pair, const Sums<2>& sums) const {
    scale.put(lane, pair, static_cast<float>(sums.of[0]));
    shift.put(lane, pair, static_cast<float>(sums.of[1]));
  }
};

/** Rows that are normalised each by itself (ops/normalise_step.h). */
class NormaliseStep final : public DeviceStep {
 public:
  NormaliseStep(StepSpec<float>&& spec, Stream& stream, const NormaliseForm& form) : NormaliseStep(std::move(spec), stream, form, spec.mode) {}

  void forward(Run&) override {
    const Operand<float>& x = inputs[0];
    RowMoments moments{{rows_.planes(), valuesOf(x)}, form_.epsilon, memory_.statistics(), {}, {}};
    if (has(outputs, 1)) moments.meanOutput = resultOf(outputs[1]);
    if (has(outputs, 2)) moments.factorOutput = resultOf(outputs[2]);
    rows_.sumUp(moments);
    if (!output) return;
    Standardised standardised{planes(), memory_.statistics(), valuesOf(x), valuesOf(inputs[1]), {}, resultOf(output)};
    if (has(inputs, 2)) standardised.shift = valuesOf(inputs[2]);
    forEachElement(stream_, lanes, output.count, standardised);
  }

  void backward(Run&) override {
    const Operand<float>&x = inputs[0], &scale = inputs[1];
    const WantedGradient dScale(scale), dShift(has(inputs, 2) ? inputs[2] : Operand<float>{});
    GivenGradient given;
    if (output.needsGradient) given.dy = givenTo(output);
    if (dScale.to.data || dShift.to.data) {
      pairs_.sumUp(PairProducts{form_.groups, form_.entries, given, valuesOf(x), memory_.statistics(), dScale, dShift});
    }
    if (!x.needsGradient) return;
    RowProducts products{planes(), given, valuesOf(x), valuesOf(scale), memory_.statistics(), {}, {}, memory_.gradients()};
    if (has(outputs, 1) && outputs[1].needsGradient) products.dMean = givenTo(outputs[1]);
    if (has(outputs, 2) && outputs[2].needsGradient) products.dFactor = givenTo(outputs[2]);
    rows_.sumUp(products);
    forEachElement(stream_, lanes, x.count,
                   StandardisedGradient{planes(), memory_.givenGradients(), given, valuesOf(x), valuesOf(scale), gradientOf(x), x.accumulate});
  }

 private:
  NormaliseStep(StepSpec<float>&& spec, Stream& stream, const NormaliseForm& form, ProgramMode mode)
      : DeviceStep(std::move(spec), stream),
        form_(form),
        memory_(stream, lanes, form.rows, mode),
        rows_(stream, lanes, {1, form.rows, form.size()}),
        pairs_(stream, lanes, {form.rows / form.groups, form.pairs(), form.run}) {}

  static bool has(const std::vector<Operand<float>>& operands, size_t i) { return i < operands.size() && operands[i]; }
  NormalisedPlanes planes() const { return {rows_.planes(), form_.run, form_.pairs()}; }

  NormaliseForm form_;
  RowMemory memory_;
  /** Of the values of a row, and of those with the same scale and shift. */
  PlaneSums<2> rows_, pairs_;
};

template <NormaliseForm (*form)(const NodeContext&)>
std::unique_ptr<Step<float>> makeNormalise(StepSpec<float>&& spec, Stream& stream) {
  const NormaliseForm own = form(spec.context);
  return std::make_unique<NormaliseStep>(std::move(spec), stream, own);
}

}  // namespace

const StepTable& normaliseSteps() {
  static const StepTable table{
    {"GroupNormalization", makeNormalise<groupNormalizationForm>},
    {"InstanceNormalization", makeNormalise<instanceNormalizationForm>},
    {"LayerNormalization", makeNormalise<layerNormalizationForm>},
  };
  return table;
}

}  // namespace deltalab::cuda
