#include <cstdio>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "cpu/conv.h"
#include "measure.h"

namespace deltalab::bench {

namespace {

constexpr int64_t kChannels[] = {1, 3, 4, 8, 16, 17, 32, 64};
constexpr int64_t kPictures[] = {7, 14, 15, 28, 32};
constexpr int64_t kLengths[] = {15, 64, 784};
constexpr int64_t kBatches[] = {1, 16, 64};
constexpr int64_t kMostKernel = 7;
/** Multiply-adds below which a convolution is over before the way to it is, and above which it takes too long to be tried. */
constexpr double kLeastWork = 1 << 18, kMostWork = 1 << 26;
/** A round repeats what takes less. */
constexpr double kLeastSeconds = 5e-5;

/** What the sizes of one kind reach, with the size of each. */
struct Found {
  std::vector<std::pair<double, std::string>> fractions;

  void print(const std::string& kind) {
    std::sort(fractions.begin(), fractions.end());
    const auto& [worst, at] = fractions.front();
    std::printf("{\"workload\":\"sweep\",\"kind\":\"convolution, %s\",\"threads\":1,\"unit\":\"worst fraction\",\"median\":%.4g,"
                "\"middle\":%.4g,\"sizes\":%zu,\"at\":\"%s\"}\n",
                kind.c_str(), worst, fractions[fractions.size() / 2].first, fractions.size(), at.c_str());
    std::fflush(stdout);
  }
};

/** A convolution whose padding keeps the size of the picture, as most networks have it. */
ConvShape shapeOf(int64_t batch, int64_t inputs, int64_t outputs, int64_t groups, int64_t height, int64_t width, int64_t kernel, int64_t stride) {
  ConvShape shape;
  shape.batch = batch;
  shape.groups = groups;
  shape.inputChannels = inputs;
  shape.outputChannels = outputs;
  const auto axis = [&](int64_t size) {
    WindowAxis result;
    if (size == 1) return result;
    result.input = size;
    result.kernel = kernel;
    result.stride = stride;
    result.padBefore = (kernel - 1) / 2;
    result.padAfter = kernel / 2;
    result.output = (size - 1) / stride + 1;
    return result;
  };
  shape.window.axes = {WindowAxis{}, axis(height), axis(width)};
  return shape;
}

std::string nameOf(const ConvShape& shape) {
  const WindowAxis &down = shape.window.axes[1], &across = shape.window.axes[2];
  std::string name = std::to_string(shape.batch) + " x " + std::to_string(shape.inputChannels) + " -> " + std::to_string(shape.outputChannels);
  if (shape.groups > 1) name += " in " + std::to_string(shape.groups) + " groups";
  name += ", picture " + std::to_string(down.input) + " x " + std::to_string(across.input) + ", kernel " + std::to_string(across.kernel);
  return across.stride > 1 ? name + ", stride " + std::to_string(across.stride) : name;
}

std::string kindOf(const ConvShape& shape) {
  if (shape.groups > 1) return shape.groups == shape.inputChannels ? "depthwise" : "groups";
  if (shape.window.axes[1].input == 1) return "one dimension";
  if (std::min(shape.inputChannels, shape.outputChannels) < 8) return "few channels";
  if (shape.window.axes[2].stride > 1) return "stride 2";
  if (shape.window.axes[2].kernel == 1) return "kernel 1";
  return shape.inputChannels == 17 || shape.outputChannels == 17 ? "17 channels" : "8 to 64 channels";
}

class Sweep {
 public:
  explicit Sweep(const Limits& limits) : limits_(limits), pool_(1) {}

  void run() {
    for (int64_t kernel = 1; kernel <= kMostKernel; ++kernel) {
      for (int64_t stride = 1; stride <= 2; ++stride) {
        for (int64_t batch : kBatches) {
          for (int64_t side : kPictures) tryChannels(batch, side, side, kernel, stride);
          for (int64_t length : kLengths) tryChannels(batch, 1, length, kernel, stride);
        }
      }
    }
    for (auto& [kind, found] : found_) found.print(kind);
  }

 private:
  void tryChannels(int64_t batch, int64_t height, int64_t width, int64_t kernel, int64_t stride) {
    for (int64_t inputs : kChannels) {
      for (int64_t outputs : kChannels) measure(shapeOf(batch, inputs, outputs, 1, height, width, kernel, stride));
      if (inputs > 1) measure(shapeOf(batch, inputs, inputs, inputs, height, width, kernel, stride));
      for (int64_t groups : {2, 4, 8}) {
        if (inputs % groups == 0 && groups < inputs) measure(shapeOf(batch, inputs, inputs, groups, height, width, kernel, stride));
      }
    }
  }

  /** Channels last, as between the convolutions of a network; a few inputs are planar, as pictures come. */
  void measure(const ConvShape& shape) {
    const auto count = [&](int64_t channels, int64_t points) { return static_cast<size_t>(shape.batch * channels * points); };
    const size_t filters = static_cast<size_t>(shape.outputChannels * shape.groupInputs() * shape.window.kernelSize());
    const double work = static_cast<double>(filters) * static_cast<double>(shape.batch * shape.window.outputSize());
    if (work < kLeastWork || work > kMostWork) return;
    std::vector<float> inputs(count(shape.inputChannels, shape.window.inputSize()), 0.5F);
    std::vector<float> outputs(count(shape.outputChannels, shape.window.outputSize()), 0.25F), weights(filters, 0.125F);
    const double bytes = 4.0 * static_cast<double>(inputs.size() + outputs.size() + weights.size());
    const double least = limits_.least(2 * work, bytes);
    const Convolution convolution(shape, {shape.inputChannels > 3, true}, nullptr);
    const ConvRun run{pool_, scratch_};
    ConvEpilogue relu;
    relu.activation = Activation::Relu;
    const LaneValues<float> x{inputs.data(), 0}, y{outputs.data(), 0}, w{weights.data(), 0};
    const LaneValues<const float> givenX{inputs.data(), 0}, givenY{outputs.data(), 0}, givenW{weights.data(), 0};
    ConvGradient gradient;
    gradient.gradient = y;
    const int repeats = std::max(1, static_cast<int>(kLeastSeconds / least));
    const auto see = [&](const char* pass, auto&& f) {
      f();
      const double best = timeRounds(4, [&] {
        for (int i = 0; i < repeats; ++i) f();
      }).best();
      found_[kindOf(shape) + ", " + pass].fractions.emplace_back(least * repeats / best, nameOf(shape));
    };
    see("forward", [&] { convolution.forward(run, givenX, givenW, relu, y, {}); });
    see("gradient of inputs", [&] { convolution.transposed(run, givenY, {}, givenW, {}, x); });
    see("gradient of weights", [&] { convolution.weightGradient(run, givenX, gradient, false, {}, w, false); });
  }

  const Limits& limits_;
  ThreadPool pool_;
  Scratch scratch_;
  std::map<std::string, Found> found_;
};

}  // namespace

void sweepConvolutions(const Limits& limits) { Sweep(limits).run(); }

}  // namespace deltalab::bench
