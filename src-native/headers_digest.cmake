# Writes a header with a digest of the headers that the addon and device libraries share.
#   cmake -DSOURCE=<src-native> -DOUTPUT=<file> -P headers_digest.cmake
file(GLOB HEADERS RELATIVE ${SOURCE} ${SOURCE}/core/*.h ${SOURCE}/cpu/*.h)
list(SORT HEADERS)
set(ALL "")
foreach(HEADER IN LISTS HEADERS)
  file(SHA256 ${SOURCE}/${HEADER} DIGEST)
  string(APPEND ALL "${HEADER} ${DIGEST}\n")
endforeach()
string(SHA256 DIGEST "${ALL}")
string(SUBSTRING ${DIGEST} 0 16 DIGEST)
file(WRITE ${OUTPUT} "#define DELTALAB_HEADERS_DIGEST \"${DIGEST}\"\n")
