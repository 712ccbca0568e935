#include "conv_planes.h"

#include <algorithm>
#include <cstring>

namespace deltalab {

namespace {

Index roundUp(Index value, Index step) { return (value + step - 1) / step * step; }

}  // namespace

Planes::Planes(const AxisPlan& y, const AxisPlan& x, Index channels) : channels_(channels) {
  const auto axisOf = [](const AxisPlan& plan) {
    const Index step = plan.phases[0].sourceStep;
    return Axis{plan.source, step, plan.before, (plan.before + plan.source + plan.after + step - 1) / step};
  };
  y_ = axisOf(y);
  x_ = axisOf(x);
  if (x_.step == 1) {
    margin_ = x_.lead;
    x_.lead = 0;
    x_.length = x.source + std::max(x.before, x.after);
  }
  phase_ = roundUp(margin_ + y_.length * x_.length, 16);
}

Planes::Planes(Index channels, Index height, Index width, Index row)
    : channels_(channels), y_{height, 1, 0, height}, x_{width, 1, 0, row}, phase_(roundUp(height * row, 16)) {}

Index Planes::place(Index y, Index x) const {
  const Index down = y + y_.lead, across = x + x_.lead;
  // Without steps the margin makes up for a negative distance.
  if (x_.step == 1) return down % y_.step * phase_ + margin_ + down / y_.step * x_.length + across;
  return (down % y_.step * x_.step + across % x_.step) * phase_ + down / y_.step * x_.length + across / x_.step;
}

Index Planes::temporarySize(const PictureForm& form) const {
  if (!form.pool) return 0;
  return roundUp(form.height * form.width * form.channels, 16) + deltalab::temporarySize(form, form.channels);
}

double Planes::turningCost(const PictureForm& form) {
  const Index width = kernelTable().conv.width, rows = form.height * ((form.width + width - 1) / width);
  // Tiles of width × width are transposed; planar rows are copied.
  if ((form.channelsLast && form.channels > 1) || form.pool) return 5.0 * static_cast<double>(width * rows * ((form.channels + width - 1) / width));
  return 2.0 * static_cast<double>(rows * form.channels);
}

void Planes::load(const PictureForm& form, const float* sample, const unsigned char* chosen, float* planes, float* temporary) const {
  std::memset(planes, 0, static_cast<size_t>(size()) * sizeof(float));
  const float* pixels = sample;
  if (form.pool) {
    pixels = temporary;
    loadPicture(form, sample, chosen, {0, channels_, channels_, 0, 0}, temporary, temporary + roundUp(form.height * form.width * channels_, 16));
  }
  const bool planar = !form.pool && (!form.channelsLast || channels_ == 1);
  for (Index y = 0; y < y_.size; ++y) {
    const Index phaseY = (y + y_.lead) % y_.step, row = (y + y_.lead) / y_.step;
    for (Index phase = 0; phase < x_.step; ++phase) {
      const Index first = x_.first(phase), count = x_.count(phase);
      float* const to = planes + (phaseY * x_.step + phase) * phase_ + margin_ + row * x_.length + (first + x_.lead) / x_.step;
      if (!planar) {
        kernelTable().conv.transpose({pixels + (y * x_.size + first) * channels_, x_.step * channels_, count, channels_, to, nullptr, plane(), false});
        continue;
      }
      for (Index c = 0; c < channels_; ++c) {
        const float* from = sample + (c * y_.size + y) * x_.size + first;
        float* const line = to + c * plane();
        if (x_.step == 1) std::copy(from, from + count, line);
        else for (Index i = 0; i < count; ++i) line[i] = from[i * x_.step];
      }
    }
  }
}

}  // namespace deltalab
