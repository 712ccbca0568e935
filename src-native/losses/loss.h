#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace deltalab {

enum class LossKind { Mse, HalfSquared, CrossEntropy, BceLogits, Absolute, Huber, Hinge, KlDivergence };

/** What a loss can be adjusted by; each reads its own. */
struct LossOptions {
  /** Huber: errors up to this count squared, larger ones by their size. */
  double delta = 1;
  /** Cross-entropy: the share of the target spread evenly over all classes. */
  double labelSmoothing = 0;
  /** Cross-entropy: one weight per class; empty: all 1. */
  std::vector<float> classWeights;
  /** Hinge: by how much the right output must exceed each other one. */
  double margin = 1;
};

/** What the network should have said: values [rows, columns], or class indices [rows]. */
struct TargetRows {
  const float* values = nullptr;
  const int64_t* classes = nullptr;
};

/** Consecutive rows of one lane's output. */
template <class T>
struct LossRows {
  const T* outputs;
  /** ∂(batch loss)/∂output is written here, with the strides of `outputs`; null: only the loss is wanted. */
  T* gradients;
  size_t rowStride;
  size_t rows;
  size_t columns;
  TargetRows targets;
  /** 1 / weight of the whole batch (LossDefinition::weight): the batch loss is the weighted mean of the rows' losses. */
  double scale;
  const LossOptions& options;
};

/** A loss: the weighted sum of the rows' losses, and their gradient. One file per loss defines one of these. */
struct LossDefinition {
  LossKind kind = LossKind::Mse;
  const char* name = "";
  /** Targets are class indices rather than values. */
  bool classes = false;
  double (*runFloat)(const LossRows<float>&) = nullptr;
  double (*runDouble)(const LossRows<double>&) = nullptr;
  /** Sum of the weights of rows; null: each row weighs 1. */
  double (*weight)(const TargetRows&, size_t rows, const LossOptions&) = nullptr;
  /** The answer that knows nothing of the inputs: the mean of each target; otherwise all outputs 0, equal chances. */
  bool meanAnswer = false;
  /** Targets are shares, at least 0. */
  bool shares = false;
};

const LossDefinition& mseLoss();
const LossDefinition& halfSquaredLoss();
const LossDefinition& absoluteLoss();
const LossDefinition& huberLoss();
const LossDefinition& crossEntropyLoss();
const LossDefinition& bceLogitsLoss();
const LossDefinition& hingeLoss();
const LossDefinition& klDivergenceLoss();

const std::vector<const LossDefinition*>& allLosses();
const LossDefinition& lossOf(LossKind kind);
/** Null when there is none of this name. */
const LossDefinition* findLoss(const std::string& name);

/** What is wrong with the options for so many outputs: the name of one and the reason. Both empty: nothing. */
struct LossIssue {
  std::string option;
  std::string reason;
};
LossIssue checkOptions(const LossDefinition& loss, const LossOptions& options, size_t columns);

inline double runLoss(const LossDefinition& loss, const LossRows<float>& rows) { return loss.runFloat(rows); }
inline double runLoss(const LossDefinition& loss, const LossRows<double>& rows) { return loss.runDouble(rows); }

inline double weightOf(const LossDefinition& loss, const TargetRows& targets, size_t rows, const LossOptions& options) {
  return loss.weight ? loss.weight(targets, rows, options) : static_cast<double>(rows);
}

}  // namespace deltalab
