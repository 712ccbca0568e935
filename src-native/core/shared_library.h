#pragma once

#include <string>

namespace deltalab {

/** Opens a library for as long as the process lives: by its path, or by a name that the system looks for. Null where there is none. */
void* openLibrary(const std::string& path);
/** What the system said against the last one. */
std::string libraryError();
/** Null where the library has no such symbol. */
void* symbolOf(void* library, const char* name);

}  // namespace deltalab
