#pragma once

#include <napi.h>

#include <memory>
#include <variant>
#include <vector>

#include "card_arrays.h"
#include "eager/eager_operator.h"

namespace deltalab::binding {

/** What the eager operators of an environment share. */
struct EagerMachine {
  explicit EagerMachine(int threads) : pool(threads) {}

  ThreadPool pool;
  Workspace workspace;
};

/**
 * NativeEagerOperator of src-main/engine/native.ts. Made by createEagerOperator(request): the second argument is its machine, the third
 * the memory of the card on which it computes, if there is one.
 */
class EagerWrap : public Napi::ObjectWrap<EagerWrap> {
 public:
  static Napi::Function define(Napi::Env env);
  explicit EagerWrap(const Napi::CallbackInfo& info);

 private:
  Napi::Value describe(const Napi::CallbackInfo& info);
  Napi::Value forward(const Napi::CallbackInfo& info);
  Napi::Value backward(const Napi::CallbackInfo& info);
  Napi::Value dispose(const Napi::CallbackInfo& info);

  /** f(the operator in its precision); throws 'engine.disposed' after dispose. */
  template <class F>
  auto visit(F&& f);
  /** What `value` stands for: a typed array of T with this many elements, or the number of an array on the card; null for null. */
  template <class T>
  T* memoryOf(const Napi::Value& value, size_t elements, const char* argument) const;
  /** Of a list of them. `elements(i)`: how many the i-th must have. Where `required(i)`, null is refused. */
  template <class T, class Elements, class Required>
  std::vector<T*> memoriesOf(const Napi::Value& list, size_t count, const char* argument, Elements&& elements, Required&& required) const;

  std::shared_ptr<EagerMachine> machine_;
  /** Null: it computes on the processor. */
  std::shared_ptr<CardArrays> card_;
  std::variant<std::monostate, std::unique_ptr<EagerOperator<float>>, std::unique_ptr<EagerOperator<double>>> operator_;
};

}  // namespace deltalab::binding
