#pragma once

#include <string>

#include "precision.h"

namespace deltalab {

/** As plans, files and the command line write it. */
const char* precisionName(Precision precision);
/** False: none has this name. */
bool findPrecision(const std::string& name, Precision& precision);
/** Of all of them, for messages: "float32, tf32, bf16". */
std::string precisionNames();

}  // namespace deltalab
