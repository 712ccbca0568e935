#pragma once

#include "conv_pictures.h"

namespace deltalab {

/**
 * Planar pictures in scratch memory for windows that slide over them. Rows follow each other with zeros between them, so that a whole
 * picture is one long line along which vectors lie: the window of target (y, x) begins at y · row + x, whatever falls between the rows is
 * computed and dropped. Where windows move by more than one, each phase of the steps has a picture of its own.
 */
class Planes {
 public:
  /** For the windows of `y` and `x` over pictures of these channels. */
  Planes(const AxisPlan& y, const AxisPlan& x, Index channels);
  /** Pictures without zeros around them, whose rows are `row` floats apart. */
  Planes(Index channels, Index height, Index width, Index row);

  Index channels() const { return channels_; }
  /** Floats between rows, between channels, and of all channels. Behind them a vector can still be read. */
  Index row() const { return x_.length; }
  Index plane() const { return y_.step * x_.step * phase_; }
  Index size() const { return channels_ * plane() + kSlack; }
  /** Floats from the place of a target to a value of its window, whose distance in the picture is (y, x). */
  Index place(Index y, Index x) const;

  /** Copies a sample, through the pool backwards where there is one. `temporary` holds temporarySize() floats. */
  void load(const PictureForm& form, const float* sample, const unsigned char* chosen, float* planes, float* temporary) const;
  Index temporarySize(const PictureForm& form) const;
  /** Cycles, roughly, to bring a picture from memory into planes or back. */
  static double turningCost(const PictureForm& form);

 private:
  static constexpr Index kSlack = 16;
  /** Value i of an axis lies at (i + lead) / step of the phase (i + lead) % step. */
  struct Axis {
    Index size, step, lead, length;
    /** The first value of a phase, and how many it has. */
    Index first(Index phase) const { return (phase + step - lead % step) % step; }
    Index count(Index phase) const { return first(phase) < size ? (size - first(phase) + step - 1) / step : 0; }
  };

  Index channels_;
  Axis y_, x_;
  /** Zeros before the first row; behind a row are those that the next one needs before it. */
  Index margin_ = 0;
  /** Floats of one phase of one channel. */
  Index phase_;
};

}  // namespace deltalab
