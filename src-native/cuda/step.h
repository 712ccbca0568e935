#pragma once

#include <memory>
#include <string>

#include "core/operator.h"
#include "device.h"

namespace deltalab::cuda {

/** A value or a gradient of every lane, as kernels see it. */
template <class T>
struct LaneValues {
  T* data = nullptr;
  size_t lane = 0;

  __host__ __device__ T* of(int index) const { return data + static_cast<size_t>(index) * lane; }
};

inline LaneValues<const float> valuesOf(const Operand<float>& operand) { return {operand.storage->data, operand.storage->laneStride}; }
inline LaneValues<float> resultOf(const Operand<float>& operand) { return {operand.storage->data, operand.storage->laneStride}; }
/** The gradient of an output, which a step reads. */
inline LaneValues<const float> givenTo(const Operand<float>& output) { return {output.storage->gradient, output.storage->laneStride}; }
/** The gradient of an input, which it writes. */
inline LaneValues<float> gradientOf(const Operand<float>& operand) { return {operand.storage->gradient, operand.storage->laneStride}; }

/**
 * A step of a program that lives on a card: asks for kernels over all its lanes (`lanes`), frozen ones too, whose results nobody
 * reads; what lasts beyond a step (running statistics) is of the lanes that take part (Run::device). Of Run, only the seed and `device` mean something
 * here. What it asks for is the same each time: a step may be recorded once and done again without it.
 */
class DeviceStep : public Step<float> {
 public:
  DeviceStep(StepSpec<float>&& spec, Stream& stream) : Step<float>(std::move(spec)), stream_(stream), precision_(spec.precision) {}

 protected:
  Stream& stream_;
  /** Of products. */
  Precision precision_;
};

template <class S>
std::unique_ptr<Step<float>> makeStep(StepSpec<float>&& spec, Stream& stream) {
  return std::make_unique<S>(std::move(spec), stream);
}

}  // namespace deltalab::cuda
