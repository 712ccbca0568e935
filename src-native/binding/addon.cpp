#include <napi.h>

#include <thread>

#if defined(__GLIBC__)
#include <malloc.h>
#endif

#include "card_arrays.h"
#include "convert.h"
#include "core/cpu_features.h"
#include "core/inference.h"
#include "core/model.h"
#include "core/operator.h"
#include "core/sample.h"
#include "devices.h"
#include "eager_wrap.h"
#include "generator_wrap.h"
#include "session_wrap.h"
#include "trainer_wrap.h"

namespace deltalab::binding {

namespace {

constexpr const char* kVersion = "0.1.0";

/** Per environment, so that the addon can be loaded by several worker threads. */
struct Constructors {
  Napi::FunctionReference trainer;
  Napi::FunctionReference generator;
  Napi::FunctionReference eagerOperator;
  Napi::FunctionReference cardMemory;
  /** What eager operators of this environment compute with; made by the first. */
  std::shared_ptr<EagerMachine> machine;
  Napi::FunctionReference session;
  OpenCards cards;
};

std::string compilerName() {
#if defined(__clang__)
  return std::string("clang ") + __clang_version__;
#elif defined(__GNUC__)
  return std::string("gcc ") + __VERSION__;
#elif defined(_MSC_VER)
  return "msvc " + std::to_string(_MSC_VER);
#else
  return "unknown";
#endif
}

Napi::Value engineInfo(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&]() -> Napi::Value {
    Napi::Object object = Napi::Object::New(info.Env());
    object.Set("version", kVersion);
    object.Set("compiler", compilerName());
    object.Set("instructionSet", instructionSetName(instructionSet()));
    object.Set("processors", static_cast<double>(std::thread::hardware_concurrency()));
    return object;
  });
}

Napi::Value createTrainer(const Napi::CallbackInfo& info) {
  return info.Env().GetInstanceData<Constructors>()->trainer.New({info[0]});
}

Napi::Value createGenerator(const Napi::CallbackInfo& info) {
  return info.Env().GetInstanceData<Constructors>()->generator.New({info[0]});
}

Napi::Value createEagerOperator(const Napi::CallbackInfo& info) {
  Constructors& constructors = *info.Env().GetInstanceData<Constructors>();
  return guarded(info.Env(), [&]() -> Napi::Value {
    if (!constructors.machine) constructors.machine = std::make_shared<EagerMachine>(threadCount(toThreads(info[1])));
    const Napi::External<std::shared_ptr<EagerMachine>> machine =
        Napi::External<std::shared_ptr<EagerMachine>>::New(info.Env(), &constructors.machine);
    const Napi::Value card = absent(info[1]) ? info.Env().Undefined() : toObject(info[1], "options").Get("card");
    return constructors.eagerOperator.New({info[0], machine, card});
  });
}

Napi::Value openCardMemory(const Napi::CallbackInfo& info) {
  return info.Env().GetInstanceData<Constructors>()->cardMemory.New({info[0]});
}

Napi::Value createSession(const Napi::CallbackInfo& info) {
  Constructors& constructors = *info.Env().GetInstanceData<Constructors>();
  return guarded(info.Env(), [&]() -> Napi::Value {
    Answering answering = constructors.cards.answeringOf(info[1]);
    return constructors.session.New({info[0], info[1], Napi::External<Answering>::New(info.Env(), &answering)});
  });
}

Napi::Value inferGraph(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&]() -> Napi::Value {
    const Answering answering = info.Env().GetInstanceData<Constructors>()->cards.answeringOf(info[2]);
    return fromTensors(info.Env(),
                       infer(toGraph(info[0]), toTensors(info[1], "inputs"), toThreads(info[2]), answering.device, answering.precision));
  });
}

/** options.precision: float32 unless float64 is asked for. */
bool wantsDouble(const Napi::Value& options) {
  if (options.IsUndefined() || options.IsNull()) return false;
  const Napi::Value precision = toObject(options, "options").Get("precision");
  if (precision.IsUndefined()) return false;
  const std::string name = toText(precision, "options.precision");
  if (name != "float32" && name != "float64") failArgument("options.precision", "float32 or float64 is needed");
  return name == "float64";
}

Napi::Value gradients(const Napi::CallbackInfo& info) {
  return guarded(info.Env(), [&]() -> Napi::Value {
    const Graph graph = toGraph(info[0]);
    const std::vector<NamedTensor> inputs = toTensors(info[1], "inputs");
    const Target target = toTarget(info[2]);
    const LossKind loss = toLoss(info[3]);
    const int threads = toThreads(info[4]);
    const LossOptions options = absent(info[4]) ? LossOptions{} : toLossOptions(toObject(info[4], "options").Get("loss"), "options.loss");
    const Napi::Value given = absent(info[4]) ? info.Env().Undefined() : toObject(info[4], "options").Get("into");
    const Napi::Object into = absent(given) ? Napi::Object() : toObject(given, "options.into");
    const Answering answering = info.Env().GetInstanceData<Constructors>()->cards.answeringOf(info[4]);
    if (answering.device && wantsDouble(info[4])) failArgument("options.precision", "a graphics card does not compute in float64");
    const GradientReport report =
        wantsDouble(info[4])
            ? gradientsOf<double>(graph, inputs, target.values, target.classes, target.dims, loss, threads, options)
            : gradientsOf<float>(graph, inputs, target.values, target.classes, target.dims, loss, threads, options, answering.device.get(),
                                 answering.precision);
    Napi::Object object = Napi::Object::New(info.Env());
    object.Set("loss", report.loss);
    object.Set("gradients", fromTensors(info.Env(), report.gradients, into));
    return object;
  });
}

Napi::Array fromIndices(Napi::Env env, const std::vector<size_t>& indices) {
  Napi::Array array = Napi::Array::New(env);
  for (size_t i = 0; i < indices.size(); ++i) array.Set(static_cast<uint32_t>(i), static_cast<double>(indices[i]));
  return array;
}

Napi::Value operators(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  Napi::Array array = Napi::Array::New(env);
  uint32_t index = 0;
  for (const OperatorDefinition* definition : allOperators()) {
    Napi::Object item = Napi::Object::New(env);
    item.Set("opType", definition->opType);
    item.Set("device", definition->device == Device::Cpu ? "cpu" : "cuda");
    item.Set("backward", Napi::Boolean::New(env, true));
    item.Set("constants", fromIndices(env, definition->constants));
    item.Set("indices", fromIndices(env, definition->indices));
    item.Set("running", fromIndices(env, definition->running));
    array.Set(index++, item);
  }
  return array;
}

Napi::Value operatorSamples(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  return guarded(env, [&]() -> Napi::Value {
    const std::string opType = toText(info[0], "opType");
    const OperatorDefinition* definition = findOperator(opType, Device::Cpu);
    if (!definition) failArgument("opType", "there is no operator " + opType);
    const std::vector<OperatorSample> samples = definition->samples(toInteger(info[1], "batch"));
    Napi::Array array = Napi::Array::New(env);
    for (size_t i = 0; i < samples.size(); ++i) {
      array.Set(static_cast<uint32_t>(i), fromGraph(env, sampleGraph(*definition, samples[i], 100 + i)));
    }
    return array;
  });
}

}  // namespace

Napi::Object initialise(Napi::Env env, Napi::Object exports) {
#if defined(__GLIBC__)
  // A network is made anew for every question about it: memory that went back to the system each time would cost more than the arithmetic.
  mallopt(M_MMAP_THRESHOLD, 32 << 20);
  mallopt(M_TRIM_THRESHOLD, 256 << 20);
#endif
  auto* constructors = new Constructors;
  constructors->trainer = Napi::Persistent(TrainerWrap::define(env));
  constructors->generator = Napi::Persistent(GeneratorWrap::define(env));
  constructors->cardMemory = Napi::Persistent(CardMemoryWrap::define(env));
  constructors->eagerOperator = Napi::Persistent(EagerWrap::define(env));
  constructors->session = Napi::Persistent(SessionWrap::define(env));
  env.SetInstanceData(constructors);
  exports.Set("info", Napi::Function::New<engineInfo>(env, "info"));
  exports.Set("createTrainer", Napi::Function::New<createTrainer>(env, "createTrainer"));
  exports.Set("createGenerator", Napi::Function::New<createGenerator>(env, "createGenerator"));
  exports.Set("createEagerOperator", Napi::Function::New<createEagerOperator>(env, "createEagerOperator"));
  exports.Set("openCardMemory", Napi::Function::New<openCardMemory>(env, "openCardMemory"));
  exports.Set("createSession", Napi::Function::New<createSession>(env, "createSession"));
  exports.Set("infer", Napi::Function::New<inferGraph>(env, "infer"));
  exports.Set("gradients", Napi::Function::New<gradients>(env, "gradients"));
  exports.Set("operators", Napi::Function::New<operators>(env, "operators"));
  exports.Set("cards", Napi::Function::New<cards>(env, "cards"));
  exports.Set("missingOperators", Napi::Function::New<missingOperatorsOf>(env, "missingOperators"));
  exports.Set("trainingMemory", Napi::Function::New<trainingMemory>(env, "trainingMemory"));
  exports.Set("operatorSamples", Napi::Function::New<operatorSamples>(env, "operatorSamples"));
  return exports;
}

}  // namespace deltalab::binding

namespace {

Napi::Object initialise(Napi::Env env, Napi::Object exports) { return deltalab::binding::initialise(env, exports); }

}  // namespace

NODE_API_MODULE(deltalab, initialise)
