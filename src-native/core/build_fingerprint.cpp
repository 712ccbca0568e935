#include "build_fingerprint.h"

#include <string>

#include "headers_digest.h"

namespace deltalab {

const char* buildFingerprint() {
  static const std::string fingerprint = [] {
    std::string parts = DELTALAB_HEADERS_DIGEST;
#if defined(_MSC_VER)
    parts += ", msvc " + std::to_string(_MSC_VER) + ", iterators " + std::to_string(_ITERATOR_DEBUG_LEVEL);
#else
    parts += ", abi " + std::to_string(__GXX_ABI_VERSION);
#if defined(_GLIBCXX_USE_CXX11_ABI)
    parts += ", libstdc++ " + std::to_string(_GLIBCXX_USE_CXX11_ABI);
#endif
#endif
    return parts;
  }();
  return fingerprint.c_str();
}

}  // namespace deltalab
