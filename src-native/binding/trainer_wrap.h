#pragma once

#include <napi.h>

#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>

#include "core/trainer.h"

namespace deltalab::binding {

/** One training in progress on a thread of its own; `advance` of the contract. */
struct Advance;

/** NativeTrainer of src-main/engine/native.ts. */
class TrainerWrap : public Napi::ObjectWrap<TrainerWrap> {
 public:
  static Napi::Function define(Napi::Env env);
  explicit TrainerWrap(const Napi::CallbackInfo& info);
  ~TrainerWrap() override;

 private:
  Napi::Value advance(const Napi::CallbackInfo& info);
  Napi::Value progress(const Napi::CallbackInfo& info);
  Napi::Value interrupt(const Napi::CallbackInfo& info);
  Napi::Value setLearningRate(const Napi::CallbackInfo& info);
  Napi::Value stopLane(const Napi::CallbackInfo& info);
  Napi::Value predict(const Napi::CallbackInfo& info);
  Napi::Value evaluate(const Napi::CallbackInfo& info);
  Napi::Value weights(const Napi::CallbackInfo& info);
  Napi::Value bestWeights(const Napi::CallbackInfo& info);
  Napi::Value norms(const Napi::CallbackInfo& info);
  Napi::Value saveState(const Napi::CallbackInfo& info);
  Napi::Value loadState(const Napi::CallbackInfo& info);
  Napi::Value dispose(const Napi::CallbackInfo& info);

  void start(const std::shared_ptr<Advance>& advance);
  /** The trainer, when it is there and idle; throws 'trainer.disposed' or 'trainer.busy'. */
  Trainer& idle();
  /** The trainer, also while it runs. */
  Trainer& any();
  int lane(const Napi::CallbackInfo& info, size_t index = 0);

  std::shared_ptr<Trainer> trainer_;
  /** The running advance, or null. */
  std::shared_ptr<Advance> running_;
};

}  // namespace deltalab::binding
