#pragma once

#include <string>

#include "../backend.h"
#include "bench/measure.h"
#include "ceiling.h"

namespace deltalab::cuda::bench {

using deltalab::bench::Rounds;
using deltalab::bench::timeRounds;
using deltalab::bench::Workload;

struct Options {
  int rounds = 9;
  /** A round is as many epochs as take so long. */
  double leastSeconds = 0.1;
  /** To try the program where a card is emulated: ceilings are not true ones. */
  bool quick = false;
};

/** A card that is measured, in one precision. */
struct Card {
  int number;
  CudaBackend& device;
  Precision precision;
  Ceiling ceiling;
};

/** Bytes that are in use on the card, by whomever. */
double usedMemory(const Card& card);

/** A line of figures, of which the fraction is that of the ceiling which binds for `work` operations and `moved` bytes in so many seconds. */
void printFigures(const std::string& workload, int lanes, const char* unit, double median, double samples, double updates, double work, double moved,
                  double seconds, double memory, const Card& card, const std::string& more = "");

/**
 * Prints a line for the training of a workload with so many learning rates at once; "path": how its steps are done, "repeats": whether two trainings
 * gave the same bits.
 */
void measureTraining(const Workload& workload, int lanes, const Options& options, const Card& card);
/** Prints a line with what one step of such a training asks the card for; steps that are done as one count as one. */
void countLaunches(const Workload& workload, int lanes, CudaBackend& device, Precision precision);
/** Prints a line for each size of batch of the inference of the network of `workload`. */
void measureInference(const Workload& workload, const char* name, const Options& options, const Card& card);
/**
 * Trains the network of `workload` on handwritten digits until 97 % of those it is not trained on are told apart, and prints the seconds from
 * the data in memory to that epoch. `folder` holds the files of MNIST; without the 60,000 for training, 9,000 of the other 10,000 are trained on.
 * Prints why not where they cannot be read.
 */
void measureDigits(const Workload& workload, const std::string& folder, const Card& card);

}  // namespace deltalab::cuda::bench
