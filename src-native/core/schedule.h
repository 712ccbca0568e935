#pragma once

#include <cstdint>
#include <limits>

namespace deltalab {

enum class ScheduleKind { Constant, Step, Exponential, Polynomial, Cosine, OneCycle, Plateau };

/**
 * How the learning rate of a lane changes while it trains, with the formulas of torch.optim.lr_scheduler (2.13). Time is counted in epochs
 * done, or in steps done when `perStep`; a plateau is judged after every epoch whatever the unit.
 */
struct Schedule {
  ScheduleKind kind = ScheduleKind::Constant;
  bool perStep = false;

  /** Linear from warmupStart · rate to the rate, as LinearLR; the rest of the schedule starts when it is over (SequentialLR). */
  int64_t warmup = 0;
  double warmupStart = 1.0 / 3;

  /** Step: · gamma every `every` units. Exponential: · gamma every unit. */
  int64_t every = 30;
  double gamma = 0.1;

  /** Polynomial, one-cycle, and cosine without a period: units until the end; 0: until the end of training. */
  int64_t length = 0;
  double power = 1;

  /** Cosine: units until the first restart (0: no restart); each period is `stretch` times the one before. */
  int64_t period = 0;
  int64_t stretch = 1;
  /** Cosine and plateau: the lowest rate. */
  double minimum = 0;

  /** One-cycle: starts at rate / startDivisor, is at the rate after `rise` of the time, ends at the start / endDivisor. */
  double rise = 0.3;
  double startDivisor = 25;
  double endDivisor = 1e4;
  bool linear = false;

  /** Plateau: · factor after more than `patience` epochs whose loss is not below best · (1 - threshold), then `cooldown` epochs of rest. */
  double factor = 0.1;
  int64_t patience = 10;
  double threshold = 1e-4;
  int64_t cooldown = 0;

  bool constant() const { return kind == ScheduleKind::Constant && warmup == 0; }
};

/** What ReduceLROnPlateau remembers. */
struct PlateauState {
  double best = std::numeric_limits<double>::infinity();
  int64_t waited = 0;
  int64_t resting = 0;
  int64_t reductions = 0;
};

/**
 * The learning rate after `time` units, for a lane whose own rate is `base`. `total`: units of the whole training, for schedules
 * that end with it. Nothing else enters, so that a resumed run has the rates of the uninterrupted one.
 */
double rateAt(const Schedule& schedule, double base, int64_t time, int64_t total, const PlateauState& plateau);

/** Takes the loss of an epoch (validation where there is one) into account. */
void watchPlateau(const Schedule& schedule, double base, double loss, PlateauState& state);

/** Null, or what is wrong with it; `setting` becomes the name of the field. */
const char* issueOf(const Schedule& schedule, const char*& setting);

}  // namespace deltalab
