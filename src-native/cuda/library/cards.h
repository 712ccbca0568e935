#pragma once

#include <memory>
#include <vector>

#include "../backend.h"
#include "core/device_library.h"

namespace deltalab::cuda {

/** What the engine compares with its own: buildFingerprint. */
const char* libraryFingerprint();

/** DeviceLibrary::has. */
bool offersOperator(const std::string& opType);

/** The cards of this machine, by number. Throws 'device.unavailable'. */
std::vector<CardInfo> listCards();

/** A card that can be used. Throws 'device.unavailable' or 'device.failed'. */
std::unique_ptr<CudaBackend> openCard(int card);

/** DeviceLibrary::meter. Throws as openCard does. */
std::unique_ptr<DeviceBackend> meterOfCard(int card);

}  // namespace deltalab::cuda
