#include "backend.h"

namespace deltalab::cuda {

namespace {

/** Rows of the batch, value by value: the inputs of a row, then its targets. Nothing of it depends on the moment that a first thread writes. */
struct Gathered {
  GatherWork work;
  /** Values of a row. */
  size_t width;

  __device__ void operator()(int, size_t i) const {
    const DeviceMoment next = work.cursor->next;
    if (i == 0) work.cursor->now = next;
    const size_t row = quotient(i, width), at = i - row * width, place = next.position + row;
    const size_t source = work.order ? static_cast<size_t>(work.order[place]) : place;
    if (at < work.inputs) work.to.inputs[row * work.inputs + at] = work.from.inputs[source * work.inputs + at];
    else if (work.from.classes) work.to.classes[row] = work.from.classes[source];
    else work.to.values[row * work.columns + (at - work.inputs)] = work.from.values[source * work.columns + (at - work.inputs)];
  }
};

/** Clears the flag of a lane with a value that is not finite. Who finds one first does not matter. */
struct Finite {
  DeviceValues values;
  unsigned char* flags;

  __device__ void operator()(int lane, size_t i) const {
    const float value = values.data[static_cast<size_t>(lane) * values.laneStride + i];
    // An infinite one less itself is no number.
    if (!(value - value == 0.0F)) flags[lane] = 0;
  }
};

struct AllSet {
  unsigned char* flags;

  __device__ void operator()(int, size_t lane) const { flags[lane] = 1; }
};

#if defined(__CUDACC__)

/** A graph of the kernels that were asked for. */
class Recording final : public DeviceRecording {
 public:
  Recording(Stream& stream, const std::function<void()>& work) : graph_(stream, work) {}
  void replay() override { graph_.launch(); }

 private:
  StreamGraph graph_;
};

#else

/** Asks for the same once more. */
class Recording final : public DeviceRecording {
 public:
  Recording(Stream&, std::function<void()> work) : work_(std::move(work)) {}
  void replay() override { work_(); }

 private:
  std::function<void()> work_;
};

#endif

}  // namespace

void CudaBackend::gather(const GatherWork& work) {
  const size_t width = work.inputs + (work.from.classes ? 1 : work.columns);
  forEachElement(stream_, 1, work.rows * width, Gathered{work, width});
}

void CudaBackend::findFinite(const std::vector<DeviceValues>& values, int lanes, unsigned char* flags) {
  forEachElement(stream_, 1, static_cast<size_t>(lanes), AllSet{flags});
  for (const DeviceValues& some : values) forEachElement(stream_, lanes, some.count, Finite{some, flags});
}

std::unique_ptr<DeviceRecording> CudaBackend::record(std::function<void()> work) {
  return std::make_unique<Recording>(stream_, std::move(work));
}

}  // namespace deltalab::cuda
