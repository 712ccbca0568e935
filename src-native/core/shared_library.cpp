#include "shared_library.h"

#if defined(_WIN32)
#include <windows.h>
#else
#include <dlfcn.h>
#endif

namespace deltalab {

#if defined(_WIN32)

std::string libraryError() { return "error " + std::to_string(GetLastError()); }

void* openLibrary(const std::string& path) {
  std::wstring wide(static_cast<size_t>(MultiByteToWideChar(CP_UTF8, 0, path.c_str(), -1, nullptr, 0)), L'\0');
  MultiByteToWideChar(CP_UTF8, 0, path.c_str(), -1, wide.data(), static_cast<int>(wide.size()));
  // What it needs itself is looked for beside it; a mere name has no place beside which to look.
  const bool isPath = path.find_first_of("/\\") != std::string::npos;
  return LoadLibraryExW(wide.c_str(), nullptr, isPath ? LOAD_WITH_ALTERED_SEARCH_PATH : 0);
}

void* symbolOf(void* library, const char* name) { return reinterpret_cast<void*>(GetProcAddress(static_cast<HMODULE>(library), name)); }

#else

std::string libraryError() {
  const char* text = dlerror();
  return text ? text : "no reason given";
}

void* openLibrary(const std::string& path) { return dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL); }
void* symbolOf(void* library, const char* name) { return dlsym(library, name); }

#endif

}  // namespace deltalab
