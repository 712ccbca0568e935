#pragma once

#include <vector>

#include "device_backend.h"
#include "device_kernels.h"
#include "training.h"

namespace deltalab {

/** Tallies of all lanes in the memory of a device. */
class DeviceTally {
 public:
  DeviceTally(DeviceBackend& device, const Scoring& scoring, int lanes);

  /** [lanes] */
  void write(const Tally* tallies);
  /** Waits for what was asked for before. */
  void read(Tally* tallies) const;

  double* sums() const { return sums_.data(); }
  unsigned long long* counts() const { return counts_.data(); }

 private:
  TallyLayout layout_;
  size_t lanes_;
  DeviceBuffer<double> sums_;
  DeviceBuffer<unsigned long long> counts_;
};

/** The loss and the metrics on a device, and the data that they are about. */
class DeviceScorer {
 public:
  /** For at most `maxRows` rows at a time. */
  DeviceScorer(DeviceBackend& device, const Scoring& scoring, int lanes, size_t maxRows, size_t inputRow);

  /** Copies a split to the device, where it stays. It must stay where it is, too. */
  void keep(const DataSplit& data);
  /** Some rows of a split: of one that is kept there, otherwise copied, until the next call. */
  DeviceRows rowsOf(const DataSplit& data, size_t begin, size_t rows);
  /** Inputs alone, copied, until the next call. */
  const float* inputsOf(const float* inputs, size_t rows);

  /** The objective of the output of a program, [rows]; `active`, `sums` and `counts` are left to the caller. */
  ObjectiveWork workOf(const Operand<float>& output, const DeviceRows& rows, bool gradient);

  /** What programs run with from now on where only these lanes take part. */
  DeviceRun choose(const LaneSet& lanes);

  // Tallies of an evaluation of the chosen lanes: begin, as often as wanted add, read.

  /** `tallies`: how far it has come, of all lanes. */
  void begin(const std::vector<Tally>& tallies) { tally_.write(tallies.data()); }
  /** Adds rows to the tallies; with `gradient` also writes ∂loss/∂output. */
  void add(const Operand<float>& output, const DeviceRows& rows, bool gradient = false);
  /** Waits. */
  void read(std::vector<Tally>& tallies) const { tally_.read(tallies.data()); }

 private:
  struct Split {
    const DataSplit* host = nullptr;
    DeviceBuffer<float> inputs, values;
    DeviceBuffer<int64_t> classes;
  };
  DeviceRows rowsIn(const Split& split, size_t begin) const;

  DeviceBackend& device_;
  const Scoring& scoring_;
  int lanes_;
  size_t inputRow_;
  std::vector<Split> kept_;
  /** Of rows that are copied. */
  Split passing_;
  DeviceBuffer<float> classWeights_;
  DeviceBuffer<double> scales_;
  DeviceBuffer<double> scratch_;
  DeviceBuffer<unsigned char> active_;
  DeviceTally tally_;
};

}  // namespace deltalab
