#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace deltalab {

enum class LossKind { Mse, HalfSquared, CrossEntropy, BceLogits };

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
  /** 1 / rows of the whole batch: the batch loss is the mean of the rows' losses. */
  double scale;
};

/** A loss: the sum of the rows' losses, and their gradient. One file per loss defines one of these. */
struct LossDefinition {
  LossKind kind;
  const char* name;
  /** Targets are class indices rather than values. */
  bool classes;
  double (*runFloat)(const LossRows<float>&);
  double (*runDouble)(const LossRows<double>&);
};

const LossDefinition& mseLoss();
const LossDefinition& halfSquaredLoss();
const LossDefinition& crossEntropyLoss();
const LossDefinition& bceLogitsLoss();

const std::vector<const LossDefinition*>& allLosses();
const LossDefinition& lossOf(LossKind kind);
/** Null when there is none of this name. */
const LossDefinition* findLoss(const std::string& name);

inline double runLoss(const LossDefinition& loss, const LossRows<float>& rows) { return loss.runFloat(rows); }
inline double runLoss(const LossDefinition& loss, const LossRows<double>& rows) { return loss.runDouble(rows); }

}  // namespace deltalab
