#include "precision_names.h"

#include <algorithm>
#include <iterator>

namespace deltalab {

namespace {

struct Named {
  const char* name;
  Precision precision;
};
constexpr Named kPrecisions[] = {{"float32", Precision::Float32}, {"tf32", Precision::Tf32}, {"bf16", Precision::Bf16}};

}  // namespace

const char* precisionName(Precision precision) {
  return std::find_if(std::begin(kPrecisions), std::end(kPrecisions), [&](const Named& one) { return one.precision == precision; })->name;
}

bool findPrecision(const std::string& name, Precision& precision) {
  const Named* found = std::find_if(std::begin(kPrecisions), std::end(kPrecisions), [&](const Named& one) { return name == one.name; });
  if (found == std::end(kPrecisions)) return false;
  precision = found->precision;
  return true;
}

std::string precisionNames() {
  std::string names;
  for (const Named& one : kPrecisions) names += std::string(names.empty() ? "" : ", ") + one.name;
  return names;
}

}  // namespace deltalab
