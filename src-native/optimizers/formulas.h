#pragma once

#include <cmath>

#include "../core/both.h"
#include "optimizer.h"

// What each optimizer does to one value, for the processor and for graphics cards. A formula holds the constants of a step of a lane, computed in
// double; `weight` is moved by its `gradient`, which becomes the direction of the step (OptimizerDefinition::directionTimesRate), and the slots
// change. What a lane does without comes as flags, known to a loop on the processor when it is compiled; a slot that is not used is never touched.
// `updateValue` is the same by the flags of the lane, with the slots in the order in which they are kept.

namespace deltalab {

struct SgdFormula {
  float decay, momentum, fresh, minusRate;
  bool moving, first, nesterov;

  explicit SgdFormula(const UpdateStep& step)
      : decay(static_cast<float>(step.settings.weightDecay)),
        momentum(static_cast<float>(step.settings.momentum)),
        fresh(static_cast<float>(1 - step.settings.dampening)),
        minusRate(static_cast<float>(-step.rate)),
        moving(step.settings.momentum != 0),
        first(step.number == 1),
        nesterov(step.settings.nesterov) {}

  /** What momentum makes of the gradient. */
  DELTALAB_BOTH void turn(float& gradient, float& velocity, bool isFirst, bool isNesterov) const {
    const float v = isFirst ? gradient : velocity * momentum + fresh * gradient;
    velocity = v;
    gradient = isNesterov ? gradient + momentum * v : v;
  }
  DELTALAB_BOTH void updateValue(float& weight, float& gradient, float& velocity, float&, float&) const {
    if (decay != 0) gradient += decay * weight;
    if (moving) turn(gradient, velocity, first, nesterov);
    weight += minusRate * gradient;
  }
};

struct AdaGradFormula {
  float decay, epsilon, rate, initial;
  bool first;

  explicit AdaGradFormula(const UpdateStep& step)
      : decay(static_cast<float>(step.settings.weightDecay)),
        epsilon(static_cast<float>(step.settings.epsilon)),
        rate(static_cast<float>(step.rate / (1 + static_cast<double>(step.number - 1) * step.settings.learningRateDecay))),
        initial(static_cast<float>(step.settings.initialAccumulator)),
        first(step.number == 1) {}

  DELTALAB_BOTH void update(float& weight, float& gradient, float& sum, bool isFirst) const {
    const float g = gradient + decay * weight;
    sum = (isFirst ? initial : sum) + g * g;
    gradient = rate * (g / (std::sqrt(sum) + epsilon));
    weight -= gradient;
  }
  DELTALAB_BOTH void updateValue(float& weight, float& gradient, float& sum, float&, float&) const { update(weight, gradient, sum, first); }
};

struct RmsPropFormula {
  float decay, alpha, fresh, epsilon, momentum, rate;
  bool centered, moving;

  explicit RmsPropFormula(const UpdateStep& step)
      : decay(static_cast<float>(step.settings.weightDecay)),
        alpha(static_cast<float>(step.settings.alpha)),
        fresh(static_cast<float>(1 - step.settings.alpha)),
        epsilon(static_cast<float>(step.settings.epsilon)),
        momentum(static_cast<float>(step.settings.momentum)),
        rate(static_cast<float>(step.rate)),
        centered(step.settings.centered),
        moving(step.settings.momentum != 0) {}

  DELTALAB_BOTH void update(float& weight, float& gradient, float& square, float& mean, float& velocity, bool isCentered, bool isMoving) const {
    const float g = gradient + decay * weight;
    square = square * alpha + fresh * g * g;
    float spread = square;
    if (isCentered) {
      mean += fresh * (g - mean);
      spread -= mean * mean;
    }
    float direction = g / (std::sqrt(spread) + epsilon);
    if (isMoving) {
      direction += velocity * momentum;
      velocity = direction;
    }
    gradient = direction;
    weight -= rate * direction;
  }
  DELTALAB_BOTH void updateValue(float& weight, float& gradient, float& square, float& second, float& third) const {
    if (centered) update(weight, gradient, square, second, third, true, moving);
    else update(weight, gradient, square, third, second, false, moving);
  }
};

/** Adam, and what AdamW shares with it. */
struct AdamFormula {
  /** 1 - rate · weightDecay: the weight is multiplied by it (AdamW); 1 otherwise. */
  float keep;
  /** gradient += decay · weight (Adam); 0 otherwise. */
  float decay;
  float fresh1, beta2, fresh2, rootCorrection, epsilon, stepSize;
  bool amsgrad;

  explicit AdamFormula(const UpdateStep& step, bool decoupled = false)
      : keep(static_cast<float>(decoupled ? 1 - step.rate * step.settings.weightDecay : 1)),
        decay(static_cast<float>(decoupled ? 0 : step.settings.weightDecay)),
        fresh1(static_cast<float>(1 - step.settings.beta1)),
        beta2(static_cast<float>(step.settings.beta2)),
        fresh2(static_cast<float>(1 - step.settings.beta2)),
        rootCorrection(static_cast<float>(std::sqrt(1 - std::pow(step.settings.beta2, static_cast<double>(step.number))))),
        epsilon(static_cast<float>(step.settings.epsilon)),
        stepSize(static_cast<float>(step.rate / (1 - std::pow(step.settings.beta1, static_cast<double>(step.number))))),
        amsgrad(step.settings.amsgrad) {}

  DELTALAB_BOTH void update(float& weight, float& gradient, float& m, float& v, float& largest, bool keepsLargest) const {
    const float g = gradient + decay * weight;
    m += fresh1 * (g - m);
    v = v * beta2 + fresh2 * g * g;
    float square = v;
    if (keepsLargest) {
      square = largest > square ? largest : square;
      largest = square;
    }
    const float change = stepSize * (m / (std::sqrt(square) / rootCorrection + epsilon));
    const float shrunk = weight * keep;
    gradient = (weight - shrunk) + change;
    weight = shrunk - change;
  }
  DELTALAB_BOTH void updateValue(float& weight, float& gradient, float& m, float& v, float& largest) const {
    update(weight, gradient, m, v, largest, amsgrad);
  }
};

struct AdamWFormula : AdamFormula {
  explicit AdamWFormula(const UpdateStep& step) : AdamFormula(step, true) {}
};

struct AdadeltaFormula {
  float decay, rho, fresh, epsilon, rate;

  explicit AdadeltaFormula(const UpdateStep& step)
      : decay(static_cast<float>(step.settings.weightDecay)),
        rho(static_cast<float>(step.settings.rho)),
        fresh(static_cast<float>(1 - step.settings.rho)),
        epsilon(static_cast<float>(step.settings.epsilon)),
        rate(static_cast<float>(step.rate)) {}

  DELTALAB_BOTH void update(float& weight, float& gradient, float& squares, float& steps) const {
    const float g = gradient + decay * weight;
    squares = squares * rho + fresh * g * g;
    const float direction = std::sqrt(steps + epsilon) / std::sqrt(squares + epsilon) * g;
    steps = steps * rho + fresh * direction * direction;
    gradient = direction;
    weight -= rate * direction;
  }
  DELTALAB_BOTH void updateValue(float& weight, float& gradient, float& squares, float& steps, float&) const {
    update(weight, gradient, squares, steps);
  }
};

struct RpropFormula {
  float shrink, grow, smallest, largest, rate;
  bool first;

  explicit RpropFormula(const UpdateStep& step)
      : shrink(static_cast<float>(step.settings.etaMinus)),
        grow(static_cast<float>(step.settings.etaPlus)),
        smallest(static_cast<float>(step.settings.minStep)),
        largest(static_cast<float>(step.settings.maxStep)),
        rate(static_cast<float>(step.rate)),
        first(step.number == 1) {}

  DELTALAB_BOTH void update(float& weight, float& gradient, float& last, float& size, bool isFirst) const {
    const float agreement = gradient * last;
    const float factor = agreement > 0 ? grow : agreement < 0 ? shrink : 1.0F;
    float next = (isFirst ? rate : size) * factor;
    next = next < smallest ? smallest : next;
    next = next > largest ? largest : next;
    size = next;
    // After a change of sign the weight rests for one step, and the step after it counts as the first.
    const float g = agreement < 0 ? 0.0F : gradient;
    last = g;
    // A gradient that is no number stays one, so that the lane is seen to diverge.
    gradient = g > 0 ? next : g < 0 ? -next : g;
    weight -= gradient;
  }
  DELTALAB_BOTH void updateValue(float& weight, float& gradient, float& last, float& size, float&) const {
    update(weight, gradient, last, size, first);
  }
};

}  // namespace deltalab
