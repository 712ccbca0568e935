#include "operator.h"

#include <algorithm>
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

std::vector<int64_t> NodeContext::integers(const char* attribute, std::vector<int64_t> otherwise) const {
  const Attribute* found = find(attribute);
  if (!found) return otherwise;
  if (found->kind != Attribute::Kind::Numbers) failAttribute(attribute, "a list of whole numbers is needed");
  std::vector<int64_t> result;
  for (double value : found->numbers) {
    if (value != std::floor(value) || std::fabs(value) > 1e15) failAttribute(attribute, "a list of whole numbers is needed");
    result.push_back(static_cast<int64_t>(value));
  }
  return result;
}

std::vector<double> NodeContext::numbers(const char* attribute) const {
  const Attribute* found = find(attribute);
  if (!found) return {};
  if (found->kind != Attribute::Kind::Numbers) failAttribute(attribute, "a list of numbers is needed");
  return found->numbers;
}

std::string NodeContext::text(const char* attribute, const char* otherwise) const {
  const Attribute* found = find(attribute);
  if (!found) return otherwise;
  if (found->kind != Attribute::Kind::Text) failAttribute(attribute, "a word is needed");
  return found->text;
}

std::vector<std::string> NodeContext::texts(const char* attribute) const {
  const Attribute* found = find(attribute);
  if (!found) return {};
  const bool empty = found->kind == Attribute::Kind::Numbers && found->numbers.empty();
  if (found->kind != Attribute::Kind::Texts && !empty) failAttribute(attribute, "a list of words is needed");
  return found->texts;
}

const std::vector<int64_t>& NodeContext::constantIntegers(size_t input) const {
  const Initializer* constant = initializers[input];
  if (!constant || !constant->integer || constant->dims.size() > 1) {
    failShape("input " + std::to_string(input + 1) + " must be a constant list of int64");
  }
  return constant->integers;
}

double NodeContext::constantNumber(size_t input, double otherwise) const {
  if (!has(input)) return otherwise;
  const Initializer* constant = initializers[input];
  if (!constant || constant->integer || constant->values.size() != 1) {
    failShape("input " + std::to_string(input + 1) + " must be a constant float");
  }
  return static_cast<double>(constant->values[0]);
}

int64_t NodeContext::axis(int64_t otherwise, int64_t rank, int64_t limit) const {
  const int64_t given = integer("axis", otherwise);
  const int64_t value = given < 0 ? given + rank : given;
  if (value < 0 || value > limit) {
    failAttribute("axis", std::to_string(given) + " is outside an input of rank " + std::to_string(rank));
  }
  return value;
}

void NodeContext::checkSignature(const OperatorDefinition& definition) const {
  const bool anyOutput =
      std::any_of(node->outputs.begin(), node->outputs.end(), [](const std::string& name) { return !name.empty(); });
  if (node->inputs.size() > definition.maxInputs || node->outputs.size() > definition.maxOutputs || !anyOutput) {
    failShape("it has " + std::to_string(node->inputs.size()) + " inputs and " + std::to_string(node->outputs.size()) + " outputs");
  }
  for (const Attribute& attribute : node->attributes) {
    const auto& known = definition.attributes;
    if (std::none_of(known.begin(), known.end(), [&](const char* name) { return attribute.name == name; })) {
      failAttribute(attribute.name, "the engine does not know this attribute");
    }
  }
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

bool OperatorDefinition::takesConstant(size_t input) const {
  return std::find(constants.begin(), constants.end(), input) != constants.end();
}

bool OperatorDefinition::takesIndices(size_t input) const {
  return std::find(indices.begin(), indices.end(), input) != indices.end();
}

}  // namespace deltalab
