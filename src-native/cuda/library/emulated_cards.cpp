#include <cstdlib>
#include <cstring>

#include "../backend.h"
#include "cards.h"
#include "core/build_fingerprint.h"

// A card for tests. DELTALAB_EMULATED_CARD says what is wrong with it: foreign (of another build), no-driver, driver-too-old, card-too-old,
// crashing or hanging where the cards are listed. DELTALAB_EMULATED_WITHOUT names an operator that it lacks. Memory, capability and faults: emulation.h.

namespace deltalab::cuda {

namespace {

bool is(const char* fault) {
  const char* told = std::getenv("DELTALAB_EMULATED_CARD");
  return told && std::strcmp(told, fault) == 0;
}

}  // namespace

const char* libraryFingerprint() { return is("foreign") ? "of another build" : buildFingerprint(); }

bool offersOperator(const std::string& opType) {
  const char* without = std::getenv("DELTALAB_EMULATED_WITHOUT");
  return hasOperator(opType) && !(without && opType == without);
}

std::vector<CardInfo> listCards() {
  if (is("crashing")) std::abort();
  while (is("hanging")) {
  }
  if (is("no-driver")) throw EngineError("device.unavailable", "There is no driver", {{"reason", std::string("no-driver")}});
  if (is("driver-too-old")) {
    throw EngineError("device.unavailable", "The driver is too old",
                      {{"reason", std::string("driver-too-old")}, {"driver", std::string("11.4")}, {"needed", std::string("13.0")}});
  }
  const emulation::Memory memory = emulation::memory();
  CardInfo card;
  card.name = "Emulated card";
  card.memoryTotal = static_cast<double>(memory.total);
  card.memoryFree = static_cast<double>(memory.free);
  const int capability = is("card-too-old") ? 61 : emulation::capability();
  card.capability = std::to_string(capability / 10) + "." + std::to_string(capability % 10);
  card.driver = "0.0";
  if (is("card-too-old")) {
    card.reason = "card-too-old";
    card.details = {{"capability", card.capability}, {"needed", std::string("7.5")}};
  }
  return {card};
}

std::unique_ptr<DeviceBackend> openCard(int card) {
  if (card != 0) throw EngineError("device.unavailable", "There is one card", {{"reason", std::string("no-such-card")}, {"count", 1.0}});
  return std::make_unique<CudaBackend>(card);
}

}  // namespace deltalab::cuda
