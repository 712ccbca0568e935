#pragma once

#include "core/both.h"

// The statements about two numbers that operators check, for the processor and for kernels of a card: holds(a, b). A truth value is true where
// it is not 0.

namespace deltalab {

struct And {
  template <class T>
  DELTALAB_BOTH static bool holds(T a, T b) {
    return a != 0 && b != 0;
  }
};

struct Equal {
  template <class T>
  DELTALAB_BOTH static bool holds(T a, T b) {
    return a == b;
  }
};

struct Greater {
  template <class T>
  DELTALAB_BOTH static bool holds(T a, T b) {
    return a > b;
  }
};

struct GreaterOrEqual {
  template <class T>
  DELTALAB_BOTH static bool holds(T a, T b) {
    return a >= b;
  }
};

struct Less {
  template <class T>
  DELTALAB_BOTH static bool holds(T a, T b) {
    return a < b;
  }
};

struct LessOrEqual {
  template <class T>
  DELTALAB_BOTH static bool holds(T a, T b) {
    return a <= b;
  }
};

struct Or {
  template <class T>
  DELTALAB_BOTH static bool holds(T a, T b) {
    return a != 0 || b != 0;
  }
};

struct Xor {
  template <class T>
  DELTALAB_BOTH static bool holds(T a, T b) {
    return (a != 0) != (b != 0);
  }
};

}  // namespace deltalab
