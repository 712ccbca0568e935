#include "operator.h"

#include <cmath>

#include "errors.h"

namespace deltalab {

const Attribute* NodeContext::find(const char* name) const {
  for (const Attribute& attribute : node->attributes) {
    if (attribute.name == name) return &attribute;
  }
  return nullptr;
}

double NodeContext::number(const char* attribute, double otherwise) const {
  const Attribute* found = find(attribute);
  if (!found) return otherwise;
  if (found->kind != Attribute::Kind::Number) failAttribute(attribute, "a number is needed");
  return found->number;
}

int64_t NodeContext::integer(const char* attribute, int64_t otherwise) const {
  const double value = number(attribute, static_cast<double>(otherwise));
  if (value != std::floor(value) || std::fabs(value) > 1e15) failAttribute(attribute, "a whole number is needed");
  return static_cast<int64_t>(value);
}

int64_t NodeContext::axis(int64_t otherwise, int64_t rank, int64_t limit) const {
  const int64_t given = integer("axis", otherwise);
  const int64_t value = given < 0 ? given + rank : given;
  if (value < 0 || value > limit) {
    failAttribute("axis", std::to_string(given) + " is outside an input of rank " + std::to_string(rank));
  }
  return value;
}

void NodeContext::failShape(const std::string& reason) const {
  throw EngineError("graph.shape", "Layer " + node->name + " (" + node->opType + "): " + reason,
                    {{"node", node->name}, {"operator", node->opType}, {"reason", reason}});
}

void NodeContext::failAttribute(const std::string& attribute, const std::string& reason) const {
  throw EngineError(
      "graph.attribute", "Layer " + node->name + " (" + node->opType + "), attribute " + attribute + ": " + reason,
      {{"node", node->name}, {"operator", node->opType}, {"attribute", attribute}, {"reason", reason}});
}

}  // namespace deltalab
