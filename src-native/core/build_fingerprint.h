#pragma once

namespace deltalab {

/**
 * Tells builds apart whose objects must not be handed from one to the other: the headers of the engine, the compiler and its library.
 * Equal in the addon and in a device library that were built from the same sources.
 */
const char* buildFingerprint();

}  // namespace deltalab
