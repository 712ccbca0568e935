#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <vector>

namespace deltalab {

/** A loss with the metrics of a plan. */
struct Score {
  double loss = 0;
  /** In the order of TrainPlan.metrics. */
  std::vector<double> metrics;
};

struct EpochRecord {
  int lane = 0;
  int64_t epoch = 0;
  int64_t step = 0;
  double learningRate = 0;
  Score training;
  std::optional<Score> validation;
};

/**
 * Records of epochs as one growing block of numbers, a row each: short epochs come by the million a second. A row is lane, epoch, step,
 * learning rate, training loss, training metrics and, where there is validation, its loss and metrics.
 */
class EpochRecords {
 public:
  EpochRecords() = default;
  EpochRecords(size_t metrics, bool validated) : metrics_(metrics), validated_(validated), width_(5 + metrics + (validated ? 1 + metrics : 0)) {}

  size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  /** Numbers of a row. */
  size_t width() const { return width_; }
  /** [size()][width()]. */
  const double* figures() const { return figures_.data(); }

  /** A new row, for the caller to go on with: what is returned is the place of the training metrics, followed by those of validation. */
  double* add(int lane, int64_t epoch, int64_t step, double learningRate, double trainingLoss) {
    double* row = place();
    row[0] = lane;
    row[1] = static_cast<double>(epoch);
    row[2] = static_cast<double>(step);
    row[3] = learningRate;
    row[4] = trainingLoss;
    return row + 5;
  }
  void add(const EpochRecord& record) {
    double* row = add(record.lane, record.epoch, record.step, record.learningRate, record.training.loss);
    row = std::copy(record.training.metrics.begin(), record.training.metrics.end(), row);
    if (!record.validation) return;
    *row++ = record.validation->loss;
    std::copy(record.validation->metrics.begin(), record.validation->metrics.end(), row);
  }

  /** Adds a row of other records of the same width. */
  void addRow(const EpochRecords& other, size_t row) {
    const double* from = other.figures_.data() + row * width_;
    std::copy(from, from + width_, place());
  }
  /** Adds all rows of others, which are empty afterwards. */
  void take(EpochRecords& others) {
    const size_t at = size_ * width_, count = others.size_ * width_;
    if (at + count > figures_.size()) figures_.resize(std::max(2 * figures_.size(), at + count));
    std::copy_n(others.figures_.data(), count, figures_.data() + at);
    size_ += others.size_;
    others.clear();
  }
  void clear() { size_ = 0; }

  EpochRecord operator[](size_t index) const {
    const double* row = figures_.data() + index * width_;
    const auto scoreAt = [&](const double* from) { return Score{from[0], std::vector<double>(from + 1, from + 1 + metrics_)}; };
    EpochRecord record{static_cast<int>(row[0]), static_cast<int64_t>(row[1]), static_cast<int64_t>(row[2]), row[3], scoreAt(row + 4), {}};
    if (validated_) record.validation = scoreAt(row + 5 + metrics_);
    return record;
  }
  EpochRecord front() const { return (*this)[0]; }
  EpochRecord back() const { return (*this)[size_ - 1]; }

  class Iterator {
   public:
    Iterator(const EpochRecords& records, size_t index) : records_(records), index_(index) {}
    EpochRecord operator*() const { return records_[index_]; }
    Iterator& operator++() {
      ++index_;
      return *this;
    }
    bool operator!=(const Iterator& other) const { return index_ != other.index_; }

   private:
    const EpochRecords& records_;
    size_t index_;
  };
  Iterator begin() const { return {*this, 0}; }
  Iterator end() const { return {*this, size_}; }

 private:
  static constexpr size_t kFirstRows = 64;

  /** Of a new row. */
  double* place() {
    const size_t at = size_++ * width_;
    if (at + width_ > figures_.size()) figures_.resize(std::max(2 * figures_.size(), kFirstRows * width_));
    return figures_.data() + at;
  }

  size_t metrics_ = 0;
  bool validated_ = false;
  size_t width_ = 5;
  size_t size_ = 0;
  std::vector<double> figures_;
};

}  // namespace deltalab
