#include "schedule.h"

#include <algorithm>
#include <cmath>

namespace deltalab {

namespace {

constexpr double kPi = 3.14159265358979323846;

/** From `start` to `end` while `share` goes from 0 to 1. */
double anneal(double start, double end, double share, bool linear) {
  const double at = std::clamp(share, 0.0, 1.0);
  return linear ? start + (end - start) * at : end + (start - end) / 2 * (1 + std::cos(kPi * at));
}

/** CosineAnnealingWarmRestarts. */
double cosine(const Schedule& schedule, double base, int64_t time, int64_t length) {
  int64_t period = schedule.period > 0 ? schedule.period : length;
  int64_t since = time;
  if (schedule.period == 0) {
    since = std::min(time, length);
  } else if (schedule.stretch == 1) {
    since = time % period;
  } else {
    while (since >= period && period <= std::numeric_limits<int64_t>::max() / schedule.stretch) {
      since -= period;
      period *= schedule.stretch;
    }
  }
  const double share = period > 0 ? static_cast<double>(since) / static_cast<double>(period) : 1;
  return schedule.minimum + (base - schedule.minimum) * (1 + std::cos(kPi * share)) / 2;
}

/** OneCycleLR with two phases and without cycling the momentum; `base` is its max_lr. */
double oneCycle(const Schedule& schedule, double base, int64_t time, int64_t length) {
  const double start = base / schedule.startDivisor;
  const double peak = schedule.rise * static_cast<double>(length) - 1;
  const double end = static_cast<double>(length) - 1;
  const double at = static_cast<double>(time);
  if (at <= peak) return anneal(start, base, peak > 0 ? at / peak : 1, schedule.linear);
  return anneal(base, start / schedule.endDivisor, end > peak ? (at - peak) / (end - peak) : 1, schedule.linear);
}

double reduced(const Schedule& schedule, double base, int64_t reductions) {
  if (reductions == 0 || base <= schedule.minimum) return base;
  return std::max(base * std::pow(schedule.factor, static_cast<double>(reductions)), schedule.minimum);
}

}  // namespace

double rateAt(const Schedule& schedule, double base, int64_t time, int64_t total, const PlateauState& plateau) {
  if (time < schedule.warmup) {
    const double share = static_cast<double>(time) / static_cast<double>(schedule.warmup);
    return base * (schedule.warmupStart + (1 - schedule.warmupStart) * share);
  }
  const int64_t since = time - schedule.warmup;
  const int64_t length = schedule.length > 0 ? schedule.length : std::max<int64_t>(0, total - schedule.warmup);
  switch (schedule.kind) {
    case ScheduleKind::Constant: return base;
    case ScheduleKind::Step: return base * std::pow(schedule.gamma, static_cast<double>(since / schedule.every));
    case ScheduleKind::Exponential: return base * std::pow(schedule.gamma, static_cast<double>(since));
    case ScheduleKind::Polynomial:
      if (since >= length) return 0;
      return base * std::pow(1 - static_cast<double>(since) / static_cast<double>(length), schedule.power);
    case ScheduleKind::Cosine: return cosine(schedule, base, since, length);
    case ScheduleKind::OneCycle: return oneCycle(schedule, base, since, length);
    case ScheduleKind::Plateau: return reduced(schedule, base, plateau.reductions);
  }
  return base;
}

void watchPlateau(const Schedule& schedule, double base, double loss, PlateauState& state) {
  if (schedule.kind != ScheduleKind::Plateau) return;
  // Changes below this are left out, as PyTorch's `eps`.
  constexpr double kLeastChange = 1e-8;
  const bool better = std::isinf(state.best) ? loss < state.best : loss < state.best * (1 - schedule.threshold);
  if (better) {
    state.best = loss;
    state.waited = 0;
  } else {
    ++state.waited;
  }
  if (state.resting > 0) {
    --state.resting;
    state.waited = 0;
  }
  if (state.waited <= schedule.patience) return;
  const double now = reduced(schedule, base, state.reductions);
  if (now - reduced(schedule, base, state.reductions + 1) > kLeastChange) ++state.reductions;
  state.resting = schedule.cooldown;
  state.waited = 0;
}

const char* issueOf(const Schedule& schedule, const char*& setting) {
  const auto wrong = [&](const char* name, const char* reason) {
    setting = name;
    return reason;
  };
  const auto positive = [](double value) { return std::isfinite(value) && value > 0; };
  if (schedule.warmup < 0) return wrong("schedule.warmup", "it must not be negative");
  if (!positive(schedule.warmupStart) || schedule.warmupStart > 1) return wrong("schedule.warmupStart", "it must be above 0 and at most 1");
  if (schedule.every < 1) return wrong("schedule.every", "it must be at least 1");
  if (!positive(schedule.gamma)) return wrong("schedule.gamma", "it must be finite and above 0");
  if (schedule.length < 0) return wrong("schedule.length", "it must not be negative");
  if (!positive(schedule.power)) return wrong("schedule.power", "it must be finite and above 0");
  if (schedule.period < 0) return wrong("schedule.period", "it must not be negative");
  if (schedule.stretch < 1) return wrong("schedule.stretch", "it must be at least 1");
  if (!std::isfinite(schedule.minimum) || schedule.minimum < 0) return wrong("schedule.minimum", "it must be finite and not negative");
  if (!(schedule.rise >= 0 && schedule.rise <= 1)) return wrong("schedule.rise", "it must be from 0 to 1");
  if (!positive(schedule.startDivisor)) return wrong("schedule.startDivisor", "it must be finite and above 0");
  if (!positive(schedule.endDivisor)) return wrong("schedule.endDivisor", "it must be finite and above 0");
  if (!positive(schedule.factor) || schedule.factor >= 1) return wrong("schedule.factor", "it must be above 0 and below 1");
  if (schedule.patience < 0) return wrong("schedule.patience", "it must not be negative");
  if (!std::isfinite(schedule.threshold) || schedule.threshold < 0) return wrong("schedule.threshold", "it must be finite and not negative");
  if (schedule.cooldown < 0) return wrong("schedule.cooldown", "it must not be negative");
  return nullptr;
}

}  // namespace deltalab
