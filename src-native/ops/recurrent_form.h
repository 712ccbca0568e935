#pragma once

#include <vector>

#include "cell_function.h"
#include "core/operator.h"

namespace deltalab {

/** The settings that LSTM, GRU and RNN nodes share, shapes resolved. */
struct RecurrentForm {
  int steps = 1;
  int batch = 1;
  int features = 1;
  int hidden = 1;
  /** Blocks of `hidden` rows in W and R: 4 of an LSTM, 3 of a GRU, 1 of an RNN. */
  int gates = 1;
  /** 1 or 2; of two the first goes forward, the second backwards in time. */
  int directions = 1;
  /** One direction only: it goes backwards. */
  bool reverse = false;
  /** ONNX layout 1: X [batch, steps, features], Y [batch, steps, directions, hidden], states [batch, directions, hidden]. */
  bool batchFirst = false;
  /** Those of every direction, one after another. */
  std::vector<CellFunction> functions;

  bool goesBack(int direction) const { return reverse || direction == 1; }
  int width() const { return gates * hidden; }
};

/** What tells the three operators apart. */
struct RecurrentKind {
  int gates;
  /** Names of the default activations of one direction. */
  std::vector<const char*> functions;
  /** Inputs besides X, W, R, B, sequence_lens and initial_h. */
  bool hasCell;
};

inline const RecurrentKind kRnn{1, {"Tanh"}, false};
inline const RecurrentKind kGru{3, {"Sigmoid", "Tanh"}, false};
inline const RecurrentKind kLstm{4, {"Sigmoid", "Tanh", "Tanh"}, true};

/** The form of a node. Throws 'graph.shape' or 'graph.attribute' where inputs do not fit each other. */
RecurrentForm recurrentForm(const NodeContext& context, const RecurrentKind& kind);

/** Shapes of Y, Y_h and, of an LSTM, Y_c. */
std::vector<Shape> recurrentShapes(const RecurrentForm& form);

}  // namespace deltalab
