#include "core/random.h"

#include <cmath>
#include <cstring>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "harness.h"

using namespace deltalab;

namespace {

/** tests/golden/random/random.json: the file also the TypeScript generator is tested with. */
std::string goldenText() {
  const std::string here = __FILE__;
  const std::string root = here.substr(0, here.find_last_of("/\\") + 1) + "../../";
  std::ifstream file(root + "tests/golden/random/random.json");
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

/** Reads just what the golden file consists of: words in quotes, numbers, and the brackets around them. */
class Reader {
 public:
  explicit Reader(const std::string& text) : text_(text) {}
  bool skipTo(const std::string& mark) {
    const size_t found = text_.find(mark, at_);
    if (found == std::string::npos) return false;
    at_ = found + mark.size();
    return true;
  }
  /** Whether `mark` comes before `other`. */
  bool comesFirst(const std::string& mark, const std::string& other) const {
    return text_.find(mark, at_) < text_.find(other, at_);
  }
  std::string word() {
    skipTo("\"");
    const size_t from = at_;
    skipTo("\"");
    return text_.substr(from, at_ - 1 - from);
  }
  /** Numbers up to the next closing bracket. */
  std::vector<double> numbers() {
    std::vector<double> out;
    while (text_[at_] != ']') {
      if (text_[at_] == '-' || (text_[at_] >= '0' && text_[at_] <= '9')) {
        size_t length = 0;
        out.push_back(std::stod(text_.substr(at_, 30), &length));
        at_ += length;
      } else {
        ++at_;
      }
    }
    return out;
  }
  double number() {
    size_t length = 0;
    const double value = std::stod(text_.substr(at_, 30), &length);
    at_ += length;
    return value;
  }

 private:
  const std::string& text_;
  size_t at_ = 0;
};

uint32_t bitsOf(float value) {
  uint32_t bits;
  std::memcpy(&bits, &value, sizeof bits);
  return bits;
}

/** Floats between two bit patterns. */
int64_t distance(uint32_t a, uint32_t b) {
  const auto rank = [](uint32_t bits) {
    return bits < 0x80000000u ? static_cast<int64_t>(bits) : 0x80000000ll - static_cast<int64_t>(bits);
  };
  return std::llabs(rank(a) - rank(b));
}

uint32_t crc32(const std::vector<float>& values) {
  uint32_t crc = 0xffffffffu;
  for (float value : values) {
    for (int byte = 0; byte < 4; ++byte) {
      crc ^= (bitsOf(value) >> (8 * byte)) & 0xff;
      for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0xedb88320u : 0);
    }
  }
  return ~crc;
}

}  // namespace

TEST(random_equals_pytorch) {
  const std::string text = goldenText();
  Reader reader(text);
  CHECK(reader.skipTo("\"sequences\""));
  int sequences = 0;
  while (reader.comesFirst("\"seed\"", "\"linear\"")) {
    reader.skipTo("\"seed\": ");
    Generator generator(static_cast<uint64_t>(reader.number()));
    ++sequences;
    while (reader.comesFirst("\"call\": ", "\n")) {
      reader.skipTo("\"call\": ");
      const std::string kind = reader.word();
      const std::vector<double> arguments = reader.numbers();
      reader.skipTo("\"values\": ");
      const std::vector<double> expected = reader.numbers();
      const size_t count = static_cast<size_t>(arguments[0]);
      CHECK_EQ(expected.size(), count);
      if (kind == "randperm") {
        std::vector<int64_t> drawn(count);
        generator.randperm(drawn.data(), count);
        for (size_t i = 0; i < count; ++i) CHECK_EQ(drawn[i], static_cast<int64_t>(expected[i]));
        continue;
      }
      std::vector<float> drawn(count);
      if (kind == "rand") generator.rand(drawn.data(), count);
      if (kind == "randn") generator.randn(drawn.data(), count);
      if (kind == "uniform") {
        generator.uniform(drawn.data(), count, static_cast<float>(arguments[1]), static_cast<float>(arguments[2]));
      }
      // PyTorch uses vector approximations of log, sin and cos for 16 and more normal numbers.
      const int64_t allowed = kind == "randn" && count >= 16 ? 4 : 0;
      for (size_t i = 0; i < count; ++i)
        CHECK(distance(bitsOf(drawn[i]), static_cast<uint32_t>(expected[i])) <= allowed);
    }
  }
  CHECK(sequences > 100);

  int layers = 0;
  while (reader.skipTo("\"seed\": ")) {
    Generator generator(static_cast<uint64_t>(reader.number()));
    reader.skipTo("\"inputs\": ");
    const size_t inputs = static_cast<size_t>(reader.number());
    reader.skipTo("\"outputs\": ");
    const size_t outputs = static_cast<size_t>(reader.number());
    const float bound = static_cast<float>(1 / std::sqrt(static_cast<double>(inputs)));
    for (size_t count : {inputs * outputs, outputs}) {
      std::vector<float> drawn(count);
      generator.uniform(drawn.data(), count, -bound, bound);
      reader.skipTo("\"first\": ");
      const std::vector<double> first = reader.numbers();
      for (size_t i = 0; i < first.size(); ++i) CHECK_EQ(bitsOf(drawn[i]), static_cast<uint32_t>(first[i]));
      reader.skipTo("\"crc32\": ");
      CHECK_EQ(crc32(drawn), static_cast<uint32_t>(reader.number()));
    }
    ++layers;
  }
  CHECK_EQ(layers, 4);
}

TEST(random_state_goes_on_after_load) {
  Generator generator(11);
  std::vector<float> values(700);
  generator.rand(values.data(), values.size());
  float pair;
  generator.randn(&pair, 1);  // leaves the second number of the pair waiting
  const std::vector<uint8_t> state = generator.save();
  Generator other(99);
  other.load(state.data(), state.size());
  CHECK(other.save() == state);
  for (int i = 0; i < 3; ++i) {
    float a[5], b[5];
    generator.randn(a, 5);
    other.randn(b, 5);
    CHECK(std::memcmp(a, b, sizeof a) == 0);
    CHECK_EQ(generator.next(), other.next());
  }
}

TEST(random_refuses_a_damaged_state) {
  Generator generator(1);
  const auto refused = [&](const std::vector<uint8_t>& bytes) {
    try {
      generator.load(bytes.data(), bytes.size());
    } catch (const std::invalid_argument&) {
      return true;
    }
    return false;
  };
  const uint32_t next = Generator(1).next();
  std::vector<uint8_t> state = generator.save();
  std::vector<uint8_t> shorter(state.begin(), state.end() - 1), otherMagic = state, farPosition = state;
  otherMagic[0] ^= 1;
  farPosition[13] = 0xff;
  CHECK(refused(shorter));
  CHECK(refused(otherMagic));
  CHECK(refused(farPosition));
  CHECK(refused({}));
  CHECK(!refused(state));
  CHECK_EQ(generator.next(), next);
}
