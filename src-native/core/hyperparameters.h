#pragma once

#include <string>
#include <vector>

namespace deltalab {

/** One optimizer for all lanes of an experiment; its hyperparameters are each lane's own. */
enum class OptimizerKind { Sgd, AdaGrad, RmsProp, Adam, AdamW, Adadelta, Rprop };

/**
 * Hyperparameters of a lane, for whichever optimizer reads them. Defaults are PyTorch's where all optimizers agree on one; the
 * differing ones (epsilon) come with the plan.
 */
struct LaneSettings {
  double learningRate = 0.01;
  /** SGD, RMSprop. */
  double momentum = 0;
  double dampening = 0;
  bool nesterov = false;
  /** λ of the penalty λ/2 · Σ w², of every trained value, biases included: g += λ · w. AdamW shrinks the weights instead. */
  double weightDecay = 0;
  /** Adam, AdamW. */
  double beta1 = 0.9;
  double beta2 = 0.999;
  bool amsgrad = false;
  /** RMSprop: share of the old mean square in the new one. */
  double alpha = 0.99;
  bool centered = false;
  /** Adadelta: the same. */
  double rho = 0.9;
  /** Added to a denominator. */
  double epsilon = 1e-8;
  /** AdaGrad: rate / (1 + (step - 1) · decay), and where the sum of squares starts. */
  double learningRateDecay = 0;
  double initialAccumulator = 0;
  /** Rprop: factors of a weight's step after a change of sign and after none, and the bounds of a step. */
  double etaMinus = 0.5;
  double etaPlus = 1.2;
  double minStep = 1e-6;
  double maxStep = 50;
  /** μ of the penalty μ · Σ |w|, of every trained value: g += μ · sign(w). */
  double l1 = 0;
  /** Largest L2 norm of the weights into one output unit; 0: no limit. */
  double maxNorm = 0;
  /** Largest |g| of one value, and largest L2 norm of the whole gradient; 0: no limit. */
  double clipValue = 0;
  double clipNorm = 0;
};

/** A hyperparameter by its name in a plan, with the values it may have. */
struct NumberSetting {
  const char* name;
  double LaneSettings::*field;
  double lowest;
  double highest;
  /** Whether the bounds themselves are allowed. */
  bool lowestAllowed;
  bool highestAllowed;
};

struct SwitchSetting {
  const char* name;
  bool LaneSettings::*field;
};

/** Every field of LaneSettings, in the order in which they are saved. */
const std::vector<NumberSetting>& numberSettings();
const std::vector<SwitchSetting>& switchSettings();

/** What is wrong with a lane's settings: the name of one and the reason. Both empty: nothing. */
struct SettingIssue {
  std::string setting;
  std::string reason;
};
SettingIssue checkSettings(const LaneSettings& settings, OptimizerKind optimizer);

}  // namespace deltalab
