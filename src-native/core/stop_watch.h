#pragma once

#include <algorithm>
#include <chrono>
#include <optional>

namespace deltalab {

/** A clock that is read only every so often: about once a millisecond, however short the steps are. */
class StopWatch {
 public:
  explicit StopWatch(std::optional<double> milliseconds) : limit_(milliseconds), start_(Clock::now()), last_(start_) {}

  bool expired() {
    if (!limit_ || ++skipped_ < every_) return false;
    skipped_ = 0;
    const Clock::time_point now = Clock::now();
    const double sinceLast = std::chrono::duration<double, std::milli>(now - last_).count();
    last_ = now;
    if (sinceLast < 0.5) every_ = std::min(every_ * 2, 1024);
    else if (sinceLast > 2) every_ = std::max(every_ / 2, 1);
    return std::chrono::duration<double, std::milli>(now - start_).count() >= *limit_;
  }

  double seconds() const { return std::chrono::duration<double>(Clock::now() - start_).count(); }

 private:
  using Clock = std::chrono::steady_clock;
  std::optional<double> limit_;
  Clock::time_point start_;
  Clock::time_point last_;
  int every_ = 1;
  int skipped_ = 0;
};

}  // namespace deltalab
