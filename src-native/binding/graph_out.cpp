#include <algorithm>

#include "convert.h"

namespace deltalab::binding {

namespace {

Napi::Array fromTexts(Napi::Env env, const std::vector<std::string>& texts) {
  Napi::Array array = Napi::Array::New(env, texts.size());
  for (size_t i = 0; i < texts.size(); ++i) array.Set(static_cast<uint32_t>(i), texts[i]);
  return array;
}

template <class Number>
Napi::Array fromNumbers(Napi::Env env, const std::vector<Number>& numbers) {
  Napi::Array array = Napi::Array::New(env, numbers.size());
  for (size_t i = 0; i < numbers.size(); ++i) array.Set(static_cast<uint32_t>(i), static_cast<double>(numbers[i]));
  return array;
}

Napi::Value fromAttribute(Napi::Env env, const Attribute& attribute) {
  switch (attribute.kind) {
    case Attribute::Kind::Number: return Napi::Number::New(env, attribute.number);
    case Attribute::Kind::Text: return Napi::String::New(env, attribute.text);
    case Attribute::Kind::Numbers: return fromNumbers(env, attribute.numbers);
    case Attribute::Kind::Texts: return fromTexts(env, attribute.texts);
  }
  return env.Undefined();
}

Napi::Object fromNode(Napi::Env env, const GraphNode& node) {
  Napi::Object object = Napi::Object::New(env);
  object.Set("name", node.name);
  object.Set("opType", node.opType);
  object.Set("inputs", fromTexts(env, node.inputs));
  object.Set("outputs", fromTexts(env, node.outputs));
  Napi::Object attributes = Napi::Object::New(env);
  for (const Attribute& attribute : node.attributes) attributes.Set(attribute.name, fromAttribute(env, attribute));
  object.Set("attributes", attributes);
  return object;
}

Napi::Object fromInitializer(Napi::Env env, const Initializer& initializer) {
  Napi::Object object = Napi::Object::New(env);
  object.Set("name", initializer.name);
  object.Set("dims", fromNumbers(env, initializer.dims));
  if (initializer.integer) {
    auto values = Napi::BigInt64Array::New(env, initializer.integers.size());
    std::copy(initializer.integers.begin(), initializer.integers.end(), values.Data());
    object.Set("data", values);
  } else {
    object.Set("data", fromFloats(env, initializer.values));
  }
  if (initializer.frozen) object.Set("frozen", Napi::Boolean::New(env, true));
  return object;
}

Napi::Array fromValues(Napi::Env env, const std::vector<GraphValue>& values) {
  Napi::Array array = Napi::Array::New(env, values.size());
  for (size_t i = 0; i < values.size(); ++i) {
    Napi::Object object = Napi::Object::New(env);
    object.Set("name", values[i].name);
    object.Set("dims", fromNumbers(env, values[i].dims));
    array.Set(static_cast<uint32_t>(i), object);
  }
  return array;
}

}  // namespace

Napi::Object fromGraph(Napi::Env env, const Graph& graph) {
  Napi::Object object = Napi::Object::New(env);
  Napi::Array nodes = Napi::Array::New(env, graph.nodes.size());
  for (size_t i = 0; i < graph.nodes.size(); ++i) nodes.Set(static_cast<uint32_t>(i), fromNode(env, graph.nodes[i]));
  Napi::Array initializers = Napi::Array::New(env, graph.initializers.size());
  for (size_t i = 0; i < graph.initializers.size(); ++i) {
    initializers.Set(static_cast<uint32_t>(i), fromInitializer(env, graph.initializers[i]));
  }
  object.Set("name", graph.name);
  object.Set("nodes", nodes);
  object.Set("initializers", initializers);
  object.Set("inputs", fromValues(env, graph.inputs));
  object.Set("outputs", fromValues(env, graph.outputs));
  return object;
}

}  // namespace deltalab::binding
