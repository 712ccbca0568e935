#include "recurrent_step.h"

#include <algorithm>

namespace deltalab::cuda {

namespace {

/** to (+)= from, row by row; zeros where there is nothing. */
struct CopiedRows {
  SampleRows<float> from, to;
  size_t hidden;
  bool accumulate = false;

  __device__ void operator()(int lane, size_t i) const {
    const size_t sample = quotient(i, hidden), unit = i - sample * hidden;
    const float value = from.values.data ? from.at(lane, sample)[unit] : 0.0F;
    float* at = to.at(lane, sample) + unit;
    *at = accumulate ? *at + value : value;
  }
};

/** W x has one bias: the sum of both where the recurrent one is simply added. */
struct SummedBias {
  LaneValues<const float> both;
  LaneValues<float> to;
  size_t width, summed;

  __device__ void operator()(int lane, size_t i) const {
    const size_t direction = quotient(i, width), column = i - direction * width;
    const float* first = both.of(lane) + direction * 2 * width;
    to.of(lane)[i] = column < summed ? first[column] + first[width + column] : first[column];
  }
};

/** Where the values of X by time are in X by sample. */
struct OrderOfX {
  size_t steps, batch, features;

  __device__ size_t bySample(size_t byTime) const {
    const size_t row = quotient(byTime, features), t = quotient(row, batch);
    return ((row - t * batch) * steps + t) * features + (byTime - row * features);
  }
};

struct ByTime {
  OrderOfX order;
  LaneValues<const float> x;
  LaneValues<float> to;

  __device__ void operator()(int lane, size_t i) const { to.of(lane)[i] = x.of(lane)[order.bySample(i)]; }
};

struct BySample {
  OrderOfX order;
  LaneValues<float> from, to;
  bool accumulate;

  __device__ void operator()(int lane, size_t i) const {
    float* at = to.of(lane) + order.bySample(i);
    *at = (accumulate ? *at : 0.0F) + from.of(lane)[i];
  }
};

/** Sums of columns over all moments and samples, to one bias or to both. */
struct BiasSums {
  LaneValues<const float> gradients;
  LaneValues<float> to;
  /** Between the two biases, and the columns that have both. */
  size_t width, both;
  bool accumulate;

  __device__ Sums<1> term(int lane, size_t, size_t, size_t at) const { return {{static_cast<double>(gradients.of(lane)[at])}}; }
  __device__ void store(int lane, size_t column, const Sums<1>& sums) const {
    float* at = to.of(lane) + column;
    put(*at, sums);
    if (column < both) put(at[width], sums);
  }
  __device__ void put(float& at, const Sums<1>& sums) const { at = (accumulate ? at : 0.0F) + static_cast<float>(sums.of[0]); }
};

LaneValues<float> from(LaneValues<float> values, size_t offset) {
  return {values.data ? values.data + offset : nullptr, values.lane};
}

}  // namespace

RecurrentStep::RecurrentStep(StepSpec<float>&& spec, Stream& stream, const RecurrentForm& form, int summed, ProgramMode mode)
    : DeviceStep(std::move(spec), stream),
      form_(form),
      slots_(mode == ProgramMode::Inference ? 2 : form.steps + 1),
      summed_(static_cast<size_t>(summed)) {
  const int directions = form_.directions;
  gates_ = history(directions, form_.steps, rows() * width());
  states_ = history(directions, slots_, stateSize());
  if (has(3)) biases_ = history(1, 1, static_cast<size_t>(directions) * width());
  const size_t inputSize = moments() * static_cast<size_t>(form_.features);
  if (form_.batchFirst) ordered_ = CardHistory(lanesOfX(), 1, 1, inputSize, stream_);
  prepareProduct(stream_, form_.steps * form_.batch, form_.width(), std::max(form_.features, form_.hidden));
  if (mode == ProgramMode::Inference) return;
  size_t parts = productMemory(form_.width(), form_.features, static_cast<int>(moments()));
  for (int count = 1; count <= form_.gates; ++count) {
    parts = std::max(parts, productMemory(count * form_.hidden, form_.hidden, static_cast<int>(moments())));
  }
  parts_ = DeviceMemory<float>(stream_, static_cast<size_t>(lanes) * parts);
  carry_ = history(directions, 1, stateSize());
  if (form_.batchFirst && inputs[0].needsGradient) orderedGradient_ = history(1, 1, inputSize);
  gateSums_ = PlaneSums<1>(stream_, lanes, {moments(), width(), 1});
}

void RecurrentStep::forward(Run&) {
  prepare();
  for (int d = 0; d < form_.directions; ++d) {
    multiplyInputs(d);
    loadState(5, d, statesOf(states_, d, slotBefore(d, moment(d, 0))));
    begin(d);
    for (int i = 0; i < form_.steps; ++i) forwardMoment(d, moment(d, i));
    storeState(1, d, statesOf(states_, d, slotAfter(d, lastMoment(d))));
    end(d);
  }
}

void RecurrentStep::backward(Run&) {
  for (int d = 0; d < form_.directions; ++d) {
    loadStateGradient(1, d, statesOf(carry_, d, 0));
    beginBackward(d);
    for (int i = form_.steps; i-- > 0;) backwardMoment(d, moment(d, i));
  }
  gradientOfX();
  for (int d = 0; d < form_.directions; ++d) {
    gradientOfW(d);
    if (inputs[2].needsGradient) gradientOfR(d);
    if (needsGradient(3)) gradientOfB(d);
  }
  if (needsGradient(5)) gradientOfState(5, carry_);
  finishBackward();
}

void RecurrentStep::prepare() {
  if (has(3)) {
    const LaneValues<float> to{biases_.at(0, 0, 0), biases_.laneStride()};
    forEachElement(stream_, lanes, static_cast<size_t>(form_.directions) * width(), SummedBias{valuesOf(inputs[3]), to, width(), summed_});
  }
  if (!form_.batchFirst) return;
  const OrderOfX order{static_cast<size_t>(form_.steps), rows(), static_cast<size_t>(form_.features)};
  forEachElement(stream_, lanesOfX(), inputs[0].count, ByTime{order, valuesOf(inputs[0]), {ordered_.at(0, 0, 0), ordered_.laneStride()}});
}

Matrix RecurrentStep::inputsByTime() {
  const size_t features = static_cast<size_t>(form_.features);
  const size_t lane = inputs[0].storage->laneStride;
  if (form_.batchFirst) return {ordered_.at(0, 0, 0), features, 1, lane == 0 ? 0 : ordered_.laneStride()};
  return {inputs[0].storage->data, features, 1, lane};
}

Matrix RecurrentStep::inputWeights(int d) const {
  const size_t features = static_cast<size_t>(form_.features);
  return {inputs[1].storage->data + static_cast<size_t>(d) * width() * features, features, 1, inputs[1].storage->laneStride};
}

/** gates = X · Wᵀ + biases, for all moments at once. */
void RecurrentStep::multiplyInputs(int d) {
  Product product{};
  product.m = form_.steps * form_.batch;
  product.n = form_.width();
  product.k = form_.features;
  product.a = inputsByTime();
  product.b = inputWeights(d).transposed();
  product.c = gates_.at(0, d, 0);
  product.cRow = width();
  product.cLane = gates_.laneStride();
  if (has(3)) {
    product.bias = biases_.at(0, 0, 0) + static_cast<size_t>(d) * width();
    product.biasLane = biases_.laneStride();
  }
  multiply(stream_, precision_, lanes, product);
}

void RecurrentStep::gradientOfX() {
  const Operand<float>& target = inputs[0];
  if (!target.needsGradient) return;
  const size_t features = static_cast<size_t>(form_.features);
  for (int d = 0; d < form_.directions; ++d) {
    Product product{};
    product.m = form_.steps * form_.batch;
    product.n = form_.features;
    product.k = form_.width();
    product.a = gatesAt(d, 0, 0);
    product.b = inputWeights(d);
    product.c = form_.batchFirst ? orderedGradient_.at(0, 0, 0) : target.storage->gradient;
    product.cRow = features;
    product.cLane = form_.batchFirst ? orderedGradient_.laneStride() : target.storage->laneStride;
    product.accumulate = d > 0 || (target.accumulate && !form_.batchFirst);
    multiply(stream_, precision_, lanes, product);
  }
  if (!form_.batchFirst) return;
  const OrderOfX order{static_cast<size_t>(form_.steps), rows(), features};
  forEachElement(stream_, lanes, target.count,
                 BySample{order, {orderedGradient_.at(0, 0, 0), orderedGradient_.laneStride()}, gradientOf(target), target.accumulate});
}

void RecurrentStep::gradientOfW(int d) {
  const Operand<float>& target = inputs[1];
  if (!target.needsGradient) return;
  const size_t features = static_cast<size_t>(form_.features);
  Product product{};
  product.m = form_.width();
  product.n = form_.features;
  product.k = form_.steps * form_.batch;
  product.a = gatesAt(d, 0, 0).transposed();
  product.b = inputsByTime();
  product.c = target.storage->gradient + static_cast<size_t>(d) * width() * features;
  product.cRow = features;
  product.cLane = target.storage->laneStride;
  product.accumulate = target.accumulate;
  product.parts = parts_.data();
  multiply(stream_, precision_, lanes, product);
}

Matrix RecurrentStep::recurrence(int d, int first) const {
  const size_t row = static_cast<size_t>(d) * width() + static_cast<size_t>(first) * hidden();
  return {inputs[2].storage->data + row * hidden(), hidden(), 1, inputs[2].storage->laneStride};
}

Product RecurrentStep::productByR(int d, int first, int count, const Matrix& a) const {
  Product product{};
  product.m = form_.batch;
  product.n = count * form_.hidden;
  product.k = form_.hidden;
  product.a = a;
  product.b = recurrence(d, first).transposed();
  return product;
}

void RecurrentStep::multiplyIntoGates(int d, int t, int first, int count, const Matrix& a) {
  Product product = productByR(d, first, count, a);
  product.c = gates_.at(0, d, t) + static_cast<size_t>(first) * hidden();
  product.cRow = width();
  product.cLane = gates_.laneStride();
  product.accumulate = true;
  multiply(stream_, precision_, lanes, product);
}

void RecurrentStep::multiplyBack(int d, const Matrix& gradients, int first, int count, CardHistory& to, bool accumulate) {
  Product product{};
  product.m = form_.batch;
  product.n = form_.hidden;
  product.k = count * form_.hidden;
  product.a = gradients;
  product.b = recurrence(d, first);
  product.c = to.at(0, d, 0);
  product.cRow = hidden();
  product.cLane = to.laneStride();
  product.accumulate = accumulate;
  multiply(stream_, precision_, lanes, product);
}

void RecurrentStep::multiplyForR(int d, int first, int count, const Matrix& gradients, CardHistory& values, int slot) {
  const Operand<float>& target = inputs[2];
  Product product{};
  product.m = count * form_.hidden;
  product.n = form_.hidden;
  product.k = form_.steps * form_.batch;
  product.a = gradients.transposed();
  product.b = matrixOf(values, d, slot);
  product.c = target.storage->gradient + (static_cast<size_t>(d) * width() + static_cast<size_t>(first) * hidden()) * hidden();
  product.cRow = hidden();
  product.cLane = target.storage->laneStride;
  product.accumulate = target.accumulate;
  product.parts = parts_.data();
  multiply(stream_, precision_, lanes, product);
}

void RecurrentStep::sumBias(int d, size_t to, CardHistory& gradients, const PlaneSums<1>& sums, size_t both) {
  const size_t place = static_cast<size_t>(d) * 2 * width() + to;
  sums.sumUp(BiasSums{{gradients.at(0, d, 0), gradients.laneStride()}, from(gradientOf(inputs[3]), place), width(), both, inputs[3].accumulate});
}

SampleRows<float> RecurrentStep::placeInY(LaneValues<float> y, int d, int t) const {
  const size_t directions = static_cast<size_t>(form_.directions), direction = static_cast<size_t>(d);
  const size_t time = static_cast<size_t>(t), steps = static_cast<size_t>(form_.steps);
  if (form_.batchFirst) return {from(y, (time * directions + direction) * hidden()), steps * directions * hidden()};
  return {from(y, (time * directions + direction) * stateSize()), hidden()};
}

SampleRows<float> RecurrentStep::placeInState(LaneValues<float> state, int d) const {
  const size_t directions = static_cast<size_t>(form_.directions), direction = static_cast<size_t>(d);
  if (form_.batchFirst) return {from(state, direction * hidden()), directions * hidden()};
  return {from(state, direction * stateSize()), hidden()};
}

Moment RecurrentStep::momentAt(int d, int t) {
  Moment moment{};
  moment.hidden = hidden();
  moment.gates = rowsOf(gates_, d, t, width());
  moment.before = statesOf(states_, d, slotBefore(d, t));
  moment.after = statesOf(states_, d, slotAfter(d, t));
  if (has(4)) moment.lengths = valuesOf(inputs[4]);
  moment.time = static_cast<float>(t);
  return moment;
}

Moment RecurrentStep::forwardAt(int d, int t) {
  Moment moment = momentAt(d, t);
  if (names(0)) moment.y = placeInY(resultOf(outputs[0]), d, t);
  return moment;
}

Moment RecurrentStep::backwardAt(int d, int t) {
  Moment moment = momentAt(d, t);
  if (names(0) && outputs[0].needsGradient) moment.y = placeInY(gradientOf(outputs[0]), d, t);
  moment.carry = statesOf(carry_, d, 0);
  return moment;
}

void RecurrentStep::loadState(size_t input, int d, const SampleRows<float>& to) {
  const LaneValues<float> given = has(input) ? resultOf(inputs[input]) : LaneValues<float>{};
  forEachUnit(CopiedRows{placeInState(given, d), to, hidden()});
}

void RecurrentStep::storeState(size_t output, int d, const SampleRows<float>& state) {
  if (names(output)) forEachUnit(CopiedRows{state, placeInState(resultOf(outputs[output]), d), hidden()});
}

void RecurrentStep::loadStateGradient(size_t output, int d, const SampleRows<float>& to) {
  const bool given = names(output) && outputs[output].needsGradient;
  forEachUnit(CopiedRows{placeInState(given ? gradientOf(outputs[output]) : LaneValues<float>{}, d), to, hidden()});
}

void RecurrentStep::gradientOfState(size_t input, CardHistory& gradients) {
  for (int d = 0; d < form_.directions; ++d) {
    forEachUnit(CopiedRows{statesOf(gradients, d, 0), placeInState(gradientOf(inputs[input]), d), hidden(), inputs[input].accumulate});
  }
}

}  // namespace deltalab::cuda
