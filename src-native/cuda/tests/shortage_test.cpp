#include <cmath>
#include <unistd.h>

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <variant>

#include "../backend.h"
#include "codes.h"
#include "tests/harness.h"
#include "tests/trainer_fixtures.h"

// A card whose memory another program takes while something is computed on it.

using namespace deltalab;
using namespace deltalab::testing;

#if !defined(__CUDACC__)
namespace {

/** As long as it lives nothing of the card's memory is free. */
class OtherProgram {
 public:
  OtherProgram() {
    std::ofstream{file_};
    setenv("DELTALAB_EMULATED_TAKEN", file_.c_str(), 1);
  }
  ~OtherProgram() {
    unsetenv("DELTALAB_EMULATED_TAKEN");
    std::filesystem::remove(file_);
  }
  OtherProgram(const OtherProgram&) = delete;
  OtherProgram& operator=(const OtherProgram&) = delete;

 private:
  std::filesystem::path file_ = std::filesystem::temp_directory_path() / ("deltalab-taken-" + std::to_string(getpid()));
};

template <class T>
T detailOf(const EngineError& error, const std::string& name) {
  for (const auto& [key, value] : error.details()) {
    if (key == name) return std::get<T>(value);
  }
  return {};
}

}  // namespace

TEST(cuda_kernel_without_memory_is_refused_with_figures_and_the_card_goes_on) {
  cuda::CudaBackend device(1);
  DeviceBuffer<float> values(device, 3);
  {
    const OtherProgram other;
    try {
      device.fill(values.data(), 3, 2);
      fail(__FILE__, __LINE__, "the kernel was run");
    } catch (const EngineError& error) {
      CHECK_EQ(error.code(), "device.memory");
      CHECK_EQ(detailOf<std::string>(error, "device"), "cuda:1");
      CHECK_EQ(detailOf<std::string>(error, "reason"), "memory-refused");
      CHECK_EQ(detailOf<std::string>(error, "call"), "kernel");
      CHECK_EQ(detailOf<double>(error, "free"), 0);
      CHECK_EQ(detailOf<double>(error, "total"), 1024);
    }
    CHECK(codeOf([&] { DeviceBuffer<float>(device, 1); }) == "device.memory");
    // What lies there can still be read.
    float kept[3] = {1, 1, 1};
    values.read(kept);
    CHECK(kept[0] == 0 && kept[2] == 0);
  }
  device.fill(values.data(), 3, 2);
  float filled[3] = {};
  values.read(filled);
  CHECK(filled[0] == 2 && filled[2] == 2);
}

TEST(cuda_training_that_lacks_memory_goes_on_from_its_last_state_on_any_device) {
  cuda::CudaBackend device(0);
  const TrainPlan plan = picturePlan({lane(0.1), lane(0.05)});
  Trainer whole(plan, &device);
  const std::vector<EpochRecord> wanted = listOf(whole.advance({}).epochs);
  std::vector<uint8_t> state;
  {
    Trainer trainer(plan, &device);
    trainer.advance(stepsOf(3));
    state = trainer.saveState();
    trainer.advance(stepsOf(1));
    const OtherProgram other;
    CHECK(codeOf([&] { trainer.advance({}); }) == "device.memory");
  }
  Trainer again(plan, &device);
  again.loadState(state);
  again.advance({});
  CHECK(again.saveState() == whole.saveState());
  Trainer processor(plan);
  processor.loadState(state);
  const std::vector<EpochRecord> got = listOf(processor.advance({}).epochs);
  CHECK(!got.empty() && got.back().epoch == wanted.back().epoch);
  CHECK(std::fabs(got.back().training.loss - wanted.back().training.loss) < 1e-4 * (1 + wanted.back().training.loss));
}
#endif
