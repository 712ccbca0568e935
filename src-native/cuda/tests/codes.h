#pragma once

#include <string>

#include "core/errors.h"

namespace deltalab::testing {

/** The code of the error that `body` throws; empty: it throws none. */
template <class F>
std::string codeOf(const F& body) {
  try {
    body();
    return "";
  } catch (const EngineError& error) {
    return error.code();
  }
}

}  // namespace deltalab::testing
