#include "normalise.h"
#include "steps.h"

namespace deltalab::cuda {

namespace {

/** The running statistics and what they become, in the outputs and, of lanes that take part, in place. */
struct Running {
  LaneValues<const float> mean, variance;
  LaneValues<float> meanOutput, varianceOutput, movedMean, movedVariance;
  const unsigned char* active;
  double momentum;

  /** By those of a batch of `count` values; `batchVariance` is biased. */
  __device__ void move(int lane, size_t channel, double batchMean, double batchVariance, size_t count) const {
    const float m = mean.of(lane)[channel], v = variance.of(lane)[channel];
    if (meanOutput.data) meanOutput.of(lane)[channel] = movedRunning(m, batchMean, momentum);
    if (varianceOutput.data) varianceOutput.of(lane)[channel] = movedRunning(v, batchVariance, momentum);
    if (!movedMean.data || (active && !active[lane])) return;
    movedMean.of(lane)[channel] = movedRunning(m, batchMean, momentum);
    movedVariance.of(lane)[channel] = movedRunning(v, unbiasedVariance(batchVariance, count), momentum);
  }
};

/** The statistics of the batch, channel by channel. */
struct BatchMoments : Distances {
  double epsilon;
  RowStatistics statistics;
  Running running;

  __device__ void store(int lane, size_t channel, const Sums<2>& sums) const {
    const double batchMean = mean(lane, channel, sums), batchVariance = variance(sums);
    running.move(lane, channel, batchMean, batchVariance, planes.terms());
    statistics.means.of(lane)[channel] = static_cast<float>(batchMean);
    statistics.factors.of(lane)[channel] = standardFactor<float>(batchVariance, epsilon);
  }
};

/** The given statistics. */
struct GivenMoments {
  LaneValues<const float> mean, variance;
  double epsilon;
  RowStatistics statistics;

  __device__ void operator()(int lane, size_t channel) const {
    statistics.means.of(lane)[channel] = mean.of(lane)[channel];
    statistics.factors.of(lane)[channel] = standardFactor<float>(static_cast<double>(variance.of(lane)[channel]), epsilon);
  }
};

/** Σ dy and Σ dy (x - mean) of every channel: the gradients of scale and shift, and the factors of that of x. */
struct ChannelProducts {
  GivenGradient given;
  LaneValues<const float> x, scale;
  RowStatistics statistics;
  WantedGradient dScale, dShift;
  LaneValues<GradientFactors<float>> factors;
  size_t count;
  bool byBatch;

  __device__ Sums<2> term(int lane, size_t channel, size_t, size_t at) const {
    const float dy = given.at(lane, at);
    return {{static_cast<double>(dy), static_cast<double>(dy * (x.of(lane)[at] - statistics.means.of(lane)[channel]))}};
  }
  __device__ void store(int lane, size_t channel, const Sums<2>& sums) const {
    const float mean = statistics.means.of(lane)[channel], factor = statistics.factors.of(lane)[channel], own = scale.of(lane)[channel];
    dScale.put(lane, channel, scaleGradient(factor, sums.of[1]));
    dShift.put(lane, channel, static_cast<float>(sums.of[0]));
    factors.of(lane)[channel] = byBatch ? batchGradient(mean, factor, own, count, RowSums{sums.of[0], sums.of[1]}) : givenGradient(mean, factor, own);
  }
};

struct Zeros {
  LaneValues<float> to;

  __device__ void operator()(int lane, size_t i) const { to.of(lane)[i] = 0; }
};

/** Channels (dimension 1) that are normalised by the batch or by given statistics (ops/batch_normalization.cpp). */
class BatchNormalizationStep final : public DeviceStep {
 public:
  BatchNormalizationStep(StepSpec<float>&& spec, Stream& stream)
      : BatchNormalizationStep(std::move(spec), stream, batchNormalizationForm(spec.context, spec.mode), spec.mode) {
    checkStatistics(spec.context, inputs[3], inputs[4]);
  }

  void forward(Run& run) override {
    const Operand<float>& x = inputs[0];
    if (form_.byBatch) {
      channels_.sumUp(BatchMoments{{channels_.planes(), valuesOf(x)}, form_.epsilon, memory_.statistics(), running(run)});
    } else {
      const GivenMoments moments{valuesOf(inputs[3]), valuesOf(inputs[4]), form_.epsilon, memory_.statistics()};
      forEachElement(stream_, lanes, form_.channels, moments);
    }
    if (!output) return;
    forEachElement(stream_, lanes, output.count,
                   Standardised{planes(), memory_.statistics(), valuesOf(x), valuesOf(inputs[1]), valuesOf(inputs[2]), resultOf(output),
                                fused_});
  }

  void backward(Run&) override {
    if (!output.needsGradient) return clearGradients();
    const Operand<float>& x = inputs[0];
    const GivenGradient given{givenTo(output), valuesOf(output), fused_};
    channels_.sumUp(ChannelProducts{given, valuesOf(x), valuesOf(inputs[1]), memory_.statistics(), WantedGradient(inputs[1]),
                                    WantedGradient(inputs[2]), memory_.gradients(), form_.count(), form_.byBatch});
    if (!x.needsGradient) return;
    forEachElement(stream_, lanes, x.count,
                   StandardisedGradient{planes(), memory_.givenGradients(), given, valuesOf(x), {}, gradientOf(x), x.accumulate});
  }

 private:
  BatchNormalizationStep(StepSpec<float>&& spec, Stream& stream, const BatchNormalizationForm& form, ProgramMode mode)
      : DeviceStep(std::move(spec), stream),
        form_(form),
        fused_{spec.activation, static_cast<float>(spec.activationAlpha)},
        memory_(stream, lanes, form.channels, mode),
        channels_(stream, lanes, {form.samples, form.channels, form.pixels}) {}

  NormalisedPlanes planes() const { return {channels_.planes(), form_.pixels, form_.channels}; }

  Running running(const Run& run) const {
    Running running{valuesOf(inputs[3]), valuesOf(inputs[4]), {}, {}, {}, {}, run.device.active, form_.momentum};
    if (outputs.size() > 1 && outputs[1]) running.meanOutput = resultOf(outputs[1]);
    if (outputs.size() > 2 && outputs[2]) running.varianceOutput = resultOf(outputs[2]);
    if (!form_.movesInputs) return running;
    running.movedMean = resultOf(inputs[3]);
    running.movedVariance = resultOf(inputs[4]);
    return running;
  }

  /** Only running values are read, which have no gradient. */
  void clearGradients() {
    for (const Operand<float>& input : inputs) {
      if (input.needsGradient && !input.accumulate) forEachElement(stream_, lanes, input.count, Zeros{gradientOf(input)});
    }
  }

  BatchNormalizationForm form_;
  FusedActivation fused_;
  RowMemory memory_;
  PlaneSums<2> channels_;
};

}  // namespace

const StepTable& batchNormalizationSteps() {
  static const StepTable table{{"BatchNormalization", makeStep<BatchNormalizationStep>}};
  return table;
}

}  // namespace deltalab::cuda
