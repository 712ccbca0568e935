#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace deltalab {

using ErrorDetail = std::variant<std::string, double, std::vector<double>, std::vector<std::string>>;
using ErrorDetails = std::vector<std::pair<std::string, ErrorDetail>>;

/**
 * The one exception of the engine. The code is a stable word; the details name the node, lane or setting it is about.
 */
class EngineError : public std::runtime_error {
 public:
  EngineError(std::string code, const std::string& message, ErrorDetails details = {})
      : std::runtime_error(message), code_(std::move(code)), details_(std::move(details)) {}

  const std::string& code() const { return code_; }
  const ErrorDetails& details() const { return details_; }

 private:
  std::string code_;
  ErrorDetails details_;
};

}  // namespace deltalab
