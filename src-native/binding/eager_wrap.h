#pragma once

#include <napi.h>

#include <memory>
#include <variant>

#include "eager/eager_operator.h"

namespace deltalab::binding {

/** What the eager operators of an environment share. */
struct EagerMachine {
  explicit EagerMachine(int threads) : pool(threads) {}

  ThreadPool pool;
  Workspace workspace;
};

/** NativeEagerOperator of src-main/engine/native.ts. Made by createEagerOperator(request): the second argument is its machine. */
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

  std::shared_ptr<EagerMachine> machine_;
  std::variant<std::monostate, std::unique_ptr<EagerOperator<float>>, std::unique_ptr<EagerOperator<double>>> operator_;
};

}  // namespace deltalab::binding
