#pragma once

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "core/device_backend.h"
#include "core/model.h"
#include "core/random.h"
#include "tests/harness.h"

namespace deltalab::testing {

/** What an operator gives: its outputs, and the gradients of everything it read. */
struct Answers {
  std::vector<std::vector<float>> outputs, gradients;
};

/** What becomes of the weights that are named so, and of the gradient of the output. */
struct RoundedFactors {
  std::vector<std::string> names{};
  float (*rounded)(float) = nullptr;
};

class Trial {
 public:
  Trial(const Graph& graph, int lanes, ProgramMode mode, DeviceBackend* device, Precision precision = Precision::Float32,
        RoundedFactors factors = {})
      : lanes_(lanes), device_(device), model_(graph, lanes, 1, true, device, precision), factors_(std::move(factors)) {
    for (Parameter<float>& parameter : model_.parameters().all()) {
      if (!parameter.perLane()) continue;
      for (int lane = 0; lane < lanes; ++lane) {
        std::vector<float> values = read(parameter.values(lane), parameter.count);
        for (size_t i = 0; i < values.size(); ++i) values[i] *= 1.0F + 0.0625F * static_cast<float>(lane) * static_cast<float>(i % 3);
        const bool factor = std::find(factors_.names.begin(), factors_.names.end(), parameter.name) != factors_.names.end();
        if (factor) round(values);
        write(parameter.values(lane), values);
      }
    }
    program_ = model_.programFor({}, mode);
    model_.bind(*program_);
  }

  Answers run(size_t outputs, bool backward) {
    const RandomKey random{5, 9};
    Run run{model_.pool(), model_.workspace(), LaneSet{lanes_, nullptr, lanes_}, random};
    DeviceBuffer<uint64_t> step;
    if (device_) {
      step = DeviceBuffer<uint64_t>(*device_, 1);
      step.fill(&random.step);
      run.device.step = step.data();
    }
    program_->forward(run);
    Answers answers;
    for (size_t i = 0; i < outputs; ++i) readLanes(program_->output(static_cast<int>(i)), answers.outputs);
    const Operand<float>& output = program_->output(0);
    if (!backward || !output.needsGradient) return answers;
    for (int lane = 0; lane < lanesOf(output); ++lane) {
      std::vector<float> seed(output.count);
      Generator generator(static_cast<uint64_t>(lane) + 1);
      generator.uniform(seed.data(), seed.size(), -1, 1);
      round(seed);
      const size_t row = rowOf(output);
      for (size_t at = 0; at < seed.size(); at += row) {
        const auto begin = seed.begin() + static_cast<std::ptrdiff_t>(at);
        write(output.gradient(lane) + at / row * output.rowStride, {begin, begin + static_cast<std::ptrdiff_t>(row)});
      }
    }
    program_->backward(run);
    for (const Parameter<float>& parameter : model_.parameters().all()) {
      if (parameter.kind != ParameterKind::Trained || !parameter.reached) continue;
      for (int lane = 0; lane < lanes_; ++lane) answers.gradients.push_back(read(parameter.gradients(lane), parameter.count));
    }
    return answers;
  }

 private:
  void round(std::vector<float>& values) const {
    if (factors_.rounded) std::transform(values.begin(), values.end(), values.begin(), factors_.rounded);
  }

  int lanesOf(const Operand<float>& output) const { return output.storage->laneStride == 0 ? 1 : lanes_; }

  /** Values of a row; those of lanes may lie interleaved. */
  static size_t rowOf(const Operand<float>& output) { return output.shape.empty() ? 1 : elementCount(output.shape, 1); }

  void readLanes(const Operand<float>& output, std::vector<std::vector<float>>& to) const {
    const size_t row = rowOf(output), rows = row == 0 ? 0 : output.count / row;
    for (int lane = 0; lane < lanesOf(output); ++lane) {
      std::vector<float> values;
      for (size_t r = 0; r < rows; ++r) {
        const std::vector<float> part = read(output.data(lane) + r * output.rowStride, row);
        values.insert(values.end(), part.begin(), part.end());
      }
      to.push_back(std::move(values));
    }
  }

  std::vector<float> read(const float* from, size_t count) const {
    std::vector<float> values(count);
    if (device_) device_->copyFrom(values.data(), from, count * sizeof(float));
    else std::copy_n(from, count, values.begin());
    return values;
  }
  void write(float* to, const std::vector<float>& values) const {
    if (device_) device_->copyTo(to, values.data(), values.size() * sizeof(float));
    else std::copy(values.begin(), values.end(), to);
  }

  int lanes_;
  DeviceBackend* device_;
  Model<float> model_;
  RoundedFactors factors_;
  std::unique_ptr<Program<float>> program_;
};

inline bool near(const std::vector<float>& a, const std::vector<float>& b) {
  if (a.size() != b.size()) return false;
  float largest = 0;
  for (float value : a) largest = std::isfinite(value) ? std::max(largest, std::fabs(value)) : largest;
  for (size_t i = 0; i < a.size(); ++i) {
    if (std::isnan(a[i]) && std::isnan(b[i])) continue;
    if (a[i] == b[i]) continue;
    if (!(std::fabs(a[i] - b[i]) <= 1e-5F * (1 + std::fabs(a[i]) + 0.1F * largest))) return false;
  }
  return true;
}

/** Outputs and gradients of a graph on a device, against the processor; weights of lanes differ. Fails the running test by `name`. */
inline void compareWithProcessor(const std::string& name, const Graph& graph, size_t outputs, int lanes, ProgramMode mode, DeviceBackend& device) {
  Trial host(graph, lanes, mode, nullptr), card(graph, lanes, mode, &device);
  const bool backward = mode != ProgramMode::Inference;
  const Answers wanted = host.run(outputs, backward), got = card.run(outputs, backward);
  if (wanted.outputs.size() != got.outputs.size() || wanted.gradients.size() != got.gradients.size()) {
    return fail(name.c_str(), 0, "another number of outputs or gradients");
  }
  for (size_t i = 0; i < wanted.outputs.size(); ++i) {
    if (!near(wanted.outputs[i], got.outputs[i])) fail(name.c_str(), static_cast<int>(i), "an output differs");
  }
  for (size_t i = 0; i < wanted.gradients.size(); ++i) {
    if (!near(wanted.gradients[i], got.gradients[i])) fail(name.c_str(), static_cast<int>(i), "a gradient differs");
  }
}

}  // namespace deltalab::testing
