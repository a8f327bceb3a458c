// The random numbers of lib/base/random.ts: Philox4x32-10 (Salmon et al., "Parallel random numbers:
// as easy as 1, 2, 3", SC 2011).
#ifndef CRESCENDO_RANDOM_STREAM_H_
#define CRESCENDO_RANDOM_STREAM_H_

#include <cstdint>

namespace crescendo {

class RandomStream {
 public:
  RandomStream(uint32_t seed, const char* purpose, uint32_t a, uint32_t b)
      : seed_(seed), purpose_(HashOf(purpose)), a_(a), b_(b) {}

  uint32_t Uint32() {
    if (used_ == 4) {
      Refill();
      used_ = 0;
    }
    return block_[used_++];
  }

  // Uniform integer in [0, bound), bound at most 2^32.
  uint64_t Below(uint64_t bound) { return (static_cast<uint64_t>(Uint32()) * bound) >> 32; }

  // FNV-1a.
  static uint32_t HashOf(const char* name) {
    uint32_t hash = 0x811c9dc5;
    for (; *name != '\0'; name++) hash = (hash ^ static_cast<uint8_t>(*name)) * 0x01000193;
    return hash;
  }

 private:
  static constexpr int kRounds = 10;

  void Refill() {
    uint32_t c[4] = {next_++, 0, a_, b_};
    uint32_t key[2] = {seed_, purpose_};
    for (int round = 0; round < kRounds; round++) {
      const uint64_t first = 0xd2511f53ull * c[0];
      const uint64_t second = 0xcd9e8d57ull * c[2];
      c[0] = static_cast<uint32_t>(second >> 32) ^ c[1] ^ key[0];
      c[1] = static_cast<uint32_t>(second);
      c[2] = static_cast<uint32_t>(first >> 32) ^ c[3] ^ key[1];
      c[3] = static_cast<uint32_t>(first);
      key[0] += 0x9e3779b9;
      key[1] += 0xbb67ae85;
    }
    for (int i = 0; i < 4; i++) block_[i] = c[i];
  }

  const uint32_t seed_;
  const uint32_t purpose_;
  const uint32_t a_;
  const uint32_t b_;
  uint32_t next_ = 0;
  uint32_t block_[4];
  int used_ = 4;
};

}  // namespace crescendo

#endif
