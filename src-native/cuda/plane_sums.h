#pragma once

#include "reducer.h"
#include "step.h"

namespace deltalab::cuda {

/** Values [outer][rows][inner], of which a row is summed up over outer and inner. */
struct Planes {
  size_t outer = 1, rows = 1, inner = 1;

  /** Values of a row. */
  __host__ __device__ size_t terms() const { return outer * inner; }
  /** What is summed up lies side by side across the rows, not along them. */
  bool columns() const { return inner == 1 && outer > 1; }
};

/** The terms of a row as their places: f.term(lane, row, outer, at). */
template <int N, class F>
struct PlaneTerms {
  Planes planes;
  F f;

  __device__ Sums<N> term(int lane, size_t row, size_t term) const {
    const size_t outer = planes.inner == 1 ? term : quotient(term, planes.inner);
    return f.term(lane, row, outer, (outer * planes.rows + row) * planes.inner + (term - outer * planes.inner));
  }
  __device__ void store(int lane, size_t row, const Sums<N>& sums) const { f.store(lane, row, sums); }
};

/**
 * f.store(lane, row, Σ f.term(lane, row, outer, at)) for every row of every lane, `at` being the place of the value [outer][row][...]: N sums at a
 * time, by a Reducer.
 */
template <int N>
class PlaneSums {
 public:
  PlaneSums() = default;
  PlaneSums(Stream& stream, int lanes, const Planes& planes)
      : planes_(planes), sums_(stream, lanes, ReductionShape::of(planes.rows, planes.terms(), planes.columns() ? planes.rows : 1)) {}

  const Planes& planes() const { return planes_; }

  template <class F>
  void sumUp(const F& f) const {
    sums_.run(Summing<N, PlaneTerms<N, F>>{{planes_, f}});
  }

 private:
  Planes planes_;
  Reducer<Sums<N>> sums_;
};

}  // namespace deltalab::cuda
