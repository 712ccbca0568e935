#include <cstdlib>
#include <cstring>

#include "../blas.h"
#include "cards.h"
#include "core/build_fingerprint.h"

// Cards for tests: one, or as many as DELTALAB_EMULATED_CARDS says. DELTALAB_EMULATED_CARD says what is wrong: foreign (of another build),
// no-driver, driver-too-old, card-too-old (the last one), crashing or hanging where the cards are listed. DELTALAB_EMULATED_WITHOUT names an
// operator that they lack. Memory, capability and faults: emulation.h.

namespace deltalab::cuda {

namespace {

int count() {
  const char* told = std::getenv("DELTALAB_EMULATED_CARDS");
  return told ? std::atoi(told) : 1;
}

bool is(const char* fault) {
  const char* told = std::getenv("DELTALAB_EMULATED_CARD");
  return told && std::strcmp(told, fault) == 0;
}

void assertThere(int card) {
  if (card >= 0 && card < count()) return;
  throw EngineError("device.unavailable", "There is no card with this number",
                    {{"reason", std::string("no-such-card")}, {"count", static_cast<double>(count())}});
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
  const int capability = emulation::capability();
  card.capability = std::to_string(capability / 10) + "." + std::to_string(capability % 10);
  card.driver = "0.0";
  card.blas = Blas::isThere();
  std::vector<CardInfo> cards(static_cast<size_t>(count()), card);
  if (is("card-too-old")) {
    CardInfo& last = cards.back();
    last.capability = "6.1";
    last.reason = "card-too-old";
    last.details = {{"capability", last.capability}, {"needed", std::string("7.5")}};
  }
  return cards;
}

std::unique_ptr<CudaBackend> openCard(int card) {
  assertThere(card);
  return std::make_unique<CudaBackend>(card);
}

std::unique_ptr<DeviceBackend> meterOfCard(int card) {
  assertThere(card);
  return CudaBackend::meter(card);
}

}  // namespace deltalab::cuda
