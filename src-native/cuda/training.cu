#include "backend.h"

namespace deltalab::cuda {

namespace {

/** Rows of the batch, value by value. */
struct Gathered {
  GatherWork work;

  __device__ size_t source(size_t row) const {
    const size_t at = work.cursor->position + row;
    return work.order ? static_cast<size_t>(work.order[at]) : at;
  }
};

struct GatheredInputs : Gathered {
  __device__ void operator()(int, size_t i) const {
    const size_t row = quotient(i, work.inputs);
    work.to.inputs[i] = work.from.inputs[source(row) * work.inputs + (i - row * work.inputs)];
  }
};

struct GatheredValues : Gathered {
  __device__ void operator()(int, size_t i) const {
    const size_t row = quotient(i, work.columns);
    work.to.values[i] = work.from.values[source(row) * work.columns + (i - row * work.columns)];
  }
};

struct GatheredClasses : Gathered {
  __device__ void operator()(int, size_t row) const { work.to.classes[row] = work.from.classes[source(row)]; }
};

__global__ void advanceKernel(DeviceCursor* cursor, size_t rows) {
  ++cursor->step;
  ++cursor->inRound;
  cursor->position += rows;
}

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
  forEachElement(stream_, 1, work.rows * work.inputs, GatheredInputs{{work}});
  if (work.from.values) forEachElement(stream_, 1, work.rows * work.columns, GatheredValues{{work}});
  else forEachElement(stream_, 1, work.rows, GatheredClasses{{work}});
}

void CudaBackend::advance(DeviceCursor* cursor, size_t rows) { stream_.launchFlat(advanceKernel, dim3(1), dim3(1), cursor, rows); }

void CudaBackend::findFinite(const std::vector<DeviceValues>& values, int lanes, unsigned char* flags) {
  forEachElement(stream_, 1, static_cast<size_t>(lanes), AllSet{flags});
  for (const DeviceValues& some : values) forEachElement(stream_, lanes, some.count, Finite{some, flags});
}

std::unique_ptr<DeviceRecording> CudaBackend::record(std::function<void()> work) {
  return std::make_unique<Recording>(stream_, std::move(work));
}

}  // namespace deltalab::cuda
