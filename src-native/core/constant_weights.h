#pragma once

#include "graph.h"

namespace deltalab {

/**
 * The graph with the weights of its products turned to the layout they are read in, [inputs, outputs]: a model that is only run is spared
 * turning them at every call. Computes the same bits. Not for training, whose weights keep the layout of the file.
 */
Graph withReadableWeights(Graph graph);

}  // namespace deltalab
