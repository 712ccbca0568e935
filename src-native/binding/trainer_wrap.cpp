#include "trainer_wrap.h"

#include <atomic>
#include <optional>
#include <utility>

#include "convert.h"
#include "core/trainer_memory.h"
#include "devices.h"

namespace deltalab::binding {

/**
 * The training thread runs `work` and reports through a thread-safe function; JavaScript's thread then joins it and settles the promise.
 * A thread of our own rather than one of libuv's: a long training neither blocks their small pool nor the end of the process.
 */
struct Advance {
  Advance(Napi::Env env, std::shared_ptr<Trainer> trainer, AdvanceLimit limit)
      : deferred(Napi::Promise::Deferred::New(env)), trainer(std::move(trainer)), limit(limit) {}

  void work() {
    try {
      report = trainer->advance(limit);
    } catch (...) {
      error = currentError();
    }
  }

  /** Interrupts and waits. Called on JavaScript's thread. */
  void stop() {
    trainer->interrupt();
    if (thread.joinable()) thread.join();
  }

  Napi::Promise::Deferred deferred;
  std::shared_ptr<Trainer> trainer;
  AdvanceLimit limit;
  std::optional<AdvanceReport> report;
  std::optional<EngineError> error;
  std::thread thread;
  Napi::ThreadSafeFunction done;
  /** Keeps the JavaScript trainer alive while it runs. */
  Napi::ObjectReference self;
};

namespace {

/** A trainer, and where it computes, which outlives it. */
struct OnDevices {
  std::vector<std::shared_ptr<DeviceBackend>> devices;
  Trainer trainer;
};

/** Runs when the environment ends (process.exit in mid-training): the thread must not outlive it. */
void stopAtExit(void* data) { static_cast<Advance*>(data)->stop(); }

}  // namespace

Napi::Function TrainerWrap::define(Napi::Env env) {
  return DefineClass(env, "NativeTrainer",
                     {
                         InstanceMethod<&TrainerWrap::advance>("advance"),
                         InstanceMethod<&TrainerWrap::progress>("progress"),
                         InstanceMethod<&TrainerWrap::interrupt>("interrupt"),
                         InstanceMethod<&TrainerWrap::setLearningRate>("setLearningRate"),
                         InstanceMethod<&TrainerWrap::stopLane>("stopLane"),
                         InstanceMethod<&TrainerWrap::predict>("predict"),
                         InstanceMethod<&TrainerWrap::evaluate>("evaluate"),
                         InstanceMethod<&TrainerWrap::weights>("weights"),
                         InstanceMethod<&TrainerWrap::bestWeights>("bestWeights"),
                         InstanceMethod<&TrainerWrap::norms>("norms"),
                         InstanceMethod<&TrainerWrap::saveState>("saveState"),
                         InstanceMethod<&TrainerWrap::loadState>("loadState"),
                         InstanceMethod<&TrainerWrap::dispose>("dispose"),
                     });
}

TrainerWrap::TrainerWrap(const Napi::CallbackInfo& info) : Napi::ObjectWrap<TrainerWrap>(info) {
  guarded(info.Env(), [&] {
    // Cards of its own: it is trained on another thread than everything else is asked on.
    std::vector<std::shared_ptr<DeviceBackend>> devices = toDevices(toObject(info[0], "plan").Get("devices"), "plan.devices");
    std::vector<DeviceBackend*> used;
    for (const auto& device : devices) used.push_back(device.get());
    const std::shared_ptr<OnDevices> made(new OnDevices{std::move(devices), Trainer(withEnoughMemory(toPlan(info[0]), used), used)});
    trainer_ = std::shared_ptr<Trainer>(made, &made->trainer);
  });
}

TrainerWrap::~TrainerWrap() {
  if (running_) running_->stop();
}

Trainer& TrainerWrap::any() {
  if (!trainer_) throw EngineError("trainer.disposed", "This trainer has been disposed of");
  return *trainer_;
}

Trainer& TrainerWrap::idle() {
  any();
  if (running_) throw EngineError("trainer.busy", "Training is running: wait for advance, or interrupt it first");
  return *trainer_;
}

int TrainerWrap::lane(const Napi::CallbackInfo& info, size_t index) {
  const int64_t lane = toInteger(info[index], "lane");
  if (lane < 0 || lane > INT32_MAX) failArgument("lane", "there is no such lane");
  return static_cast<int>(lane);
}

Napi::Value TrainerWrap::advance(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  return guarded(env, [&]() -> Napi::Value {
    idle().allow();
    auto advance = std::make_shared<Advance>(env, trainer_, toLimit(info[0]));
    advance->self = Napi::Persistent(info.This().As<Napi::Object>());
    advance->done = Napi::ThreadSafeFunction::New(env, Napi::Function(), "deltalab.advance", 0, 1);
    // Registered after the thread-safe function, so it runs before that one is torn down.
    napi_add_env_cleanup_hook(env, stopAtExit, advance.get());
    running_ = advance;

    try {
      start(advance);
    } catch (...) {
      // No thread could be had: as if nothing had been asked.
      napi_remove_env_cleanup_hook(env, stopAtExit, advance.get());
      advance->done.Release();
      running_.reset();
      throw;
    }
    return advance->deferred.Promise();
  });
}

/** Starts the training thread. */
void TrainerWrap::start(const std::shared_ptr<Advance>& advance) {
  advance->thread = std::thread([this, advance] {
    advance->work();
    const auto settle = [this, advance](Napi::Env environment, const Napi::Function&) {
      // No environment: it is being torn down, and the clean-up hook has joined the thread.
      if (static_cast<napi_env>(environment) == nullptr) return;
      napi_remove_env_cleanup_hook(environment, stopAtExit, advance.get());
      if (advance->thread.joinable()) advance->thread.join();
      if (running_ == advance) running_.reset();
      if (advance->error) {
        advance->deferred.Reject(toError(environment, *advance->error).Value());
      } else if (!trainer_) {
        const EngineError disposed("trainer.disposed", "The trainer was disposed of while it was training");
        advance->deferred.Reject(toError(environment, disposed).Value());
      } else {
        advance->deferred.Resolve(fromReport(environment, *advance->report));
      }
      advance->self.Reset();
    };
    advance->done.NonBlockingCall(settle);
    advance->done.Release();
  });
}

Napi::Value TrainerWrap::progress(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&]() -> Napi::Value {
    Napi::Object object = Napi::Object::New(info.Env());
    object.Set("step", static_cast<double>(any().progress()));
    return object;
  });
}

Napi::Value TrainerWrap::interrupt(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&]() -> Napi::Value {
    any().interrupt();
    return info.Env().Undefined();
  });
}

Napi::Value TrainerWrap::setLearningRate(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&]() -> Napi::Value {
    idle().setLearningRate(lane(info), toNumber(info[1], "learningRate"));
    return info.Env().Undefined();
  });
}

Napi::Value TrainerWrap::stopLane(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&]() -> Napi::Value {
    idle().stopLane(lane(info));
    return info.Env().Undefined();
  });
}

Napi::Value TrainerWrap::predict(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&]() -> Napi::Value {
    Trainer& trainer = idle();
    const int64_t count = toInteger(info[2], "count");
    if (count < 0) failArgument("count", "it must not be negative");
    return fromFloats(info.Env(), trainer.predict(lane(info), toFloats(info[1], "inputs"), static_cast<size_t>(count)));
  });
}

Napi::Value TrainerWrap::evaluate(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&]() -> Napi::Value {
    Trainer& trainer = idle();
    return fromScore(info.Env(), trainer.evaluate(lane(info), toSplit(info[1], "data")), trainer.metrics());
  });
}

Napi::Value TrainerWrap::weights(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&]() -> Napi::Value { return fromTensors(info.Env(), idle().weights(lane(info))); });
}

Napi::Value TrainerWrap::bestWeights(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&]() -> Napi::Value {
    const auto best = idle().bestWeights(lane(info));
    return best ? Napi::Value(fromTensors(info.Env(), *best)) : info.Env().Null();
  });
}

Napi::Value TrainerWrap::norms(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&]() -> Napi::Value {
    const std::vector<Norms> norms = idle().norms(lane(info));
    Napi::Array array = Napi::Array::New(info.Env(), norms.size());
    for (uint32_t i = 0; i < norms.size(); ++i) {
      Napi::Object item = Napi::Object::New(info.Env());
      item.Set("name", norms[i].name);
      item.Set("weight", norms[i].weight);
      item.Set("update", norms[i].update);
      array.Set(i, item);
    }
    return array;
  });
}

Napi::Value TrainerWrap::saveState(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&]() -> Napi::Value {
    const std::vector<uint8_t> state = idle().saveState();
    Napi::Uint8Array array = Napi::Uint8Array::New(info.Env(), state.size());
    std::copy(state.begin(), state.end(), array.Data());
    return array;
  });
}

Napi::Value TrainerWrap::loadState(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&]() -> Napi::Value {
    Trainer& trainer = idle();
    const bool bytes = info[0].IsTypedArray() && info[0].As<Napi::TypedArray>().TypedArrayType() == napi_uint8_array;
    if (!bytes) failArgument("state", "a Uint8Array is needed");
    const auto array = info[0].As<Napi::Uint8Array>();
    trainer.loadState(std::vector<uint8_t>(array.Data(), array.Data() + array.ElementLength()));
    return info.Env().Undefined();
  });
}

Napi::Value TrainerWrap::dispose(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&]() -> Napi::Value {
    if (running_) running_->stop();
    running_.reset();
    trainer_.reset();
    return info.Env().Undefined();
  });
}

}  // namespace deltalab::binding
