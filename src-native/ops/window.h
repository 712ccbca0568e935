#pragma once

#include <vector>

#include "core/operator.h"
#include "cpu/conv_shape.h"

namespace deltalab {

/** The attributes all these operators share, to be named in OperatorDefinition::attributes. */
std::vector<const char*> windowAttributes(std::vector<const char*> others);

/** Input 0 [batch, channels, …] and weights (input 1) of a Conv; throws 'graph.shape' or 'graph.attribute'. */
ConvShape convShape(const NodeContext& context);
/**
 * The convolution whose transpose a ConvTranspose is: its input is the operator's output and the other way round. The weights of
 * both operators then lie alike.
 */
ConvShape convTransposeShape(const NodeContext& context);
/** The window of a pooling operator (kernel_shape, ceil_mode). */
Window poolWindow(const NodeContext& context);

/** [batch, channels, sizes of the outputs…], of as many dimensions as input 0 has. */
Shape pooledShape(const NodeContext& context, const Window& window);

/** Throws unless input 0 is [batch, channels, …] with one to three dimensions of space; returns their number. */
size_t spatialRank(const NodeContext& context);

}  // namespace deltalab
