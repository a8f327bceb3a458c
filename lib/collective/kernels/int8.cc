#include "int8.h"

#include <algorithm>
#include <cstring>

#include "value_formats.h"
#include "vectorized.h"

namespace crescendo {
namespace {

constexpr int32_t kSmallestScaled = 0x0d800000;  // 2^-100
constexpr float kRound = 12582912.0f;            // 1.5 * 2^23: adding it leaves an integer

// pending = values + residual. @returns the bits of the largest magnitude, NaN being larger than
// all
inline int32_t SumBlock(const float* values, const float* residual, float* pending,
                        size_t count) {
  int32_t largest = 0;
  CRESCENDO_INDEPENDENT
  for (size_t i = 0; i < count; i++) {
    const float sum = values[i] + residual[i];
    pending[i] = sum;
    const int32_t magnitude = static_cast<int32_t>(BitsOf(sum) & ~kSign);
    largest = magnitude > largest ? magnitude : largest;
  }
  return largest;
}

inline void QuantizeBlock(uint8_t* codes, float* pending, float scale, size_t count) {
  const float inverse = 1.0f / scale;
  int32_t wide[kInt8Block];
  CRESCENDO_INDEPENDENT
  for (size_t i = 0; i < count; i++) {
    const float code = (pending[i] * inverse + kRound) - kRound;
    wide[i] = static_cast<int32_t>(code);
    pending[i] -= code * scale;
  }
  for (size_t i = 0; i < count; i++) codes[i] = static_cast<uint8_t>(wide[i]);
}

inline void EncodeBlock(uint8_t* bytes, const float* values, const float* residual,
                        float* pending, size_t count) {
  const int32_t largest = SumBlock(values, residual, pending, count);
  float scale = 0;
  if (largest >= static_cast<int32_t>(kInfinity)) {
    scale = FloatOf(kQuietNan);
    std::memcpy(pending, residual, count * sizeof(float));
    std::memset(bytes + 4, 0, count);
  } else if (largest < kSmallestScaled) {
    std::memset(bytes + 4, 0, count);
  } else {
    scale = FloatOf(static_cast<uint32_t>(largest)) / 127.0f;
    QuantizeBlock(bytes + 4, pending, scale, count);
  }
  std::memcpy(bytes, &scale, sizeof scale);
}

// target = base + code * scale; the base is left out where it is null.
inline void DecodeBlock(float* target, const float* base, const uint8_t* bytes, size_t count) {
  float scale;
  std::memcpy(&scale, bytes, sizeof scale);
  const auto* codes = reinterpret_cast<const int8_t*>(bytes + 4);
  if (base == nullptr) {
    CRESCENDO_INDEPENDENT
    for (size_t i = 0; i < count; i++) target[i] = scale * static_cast<float>(codes[i]);
  } else {
    CRESCENDO_INDEPENDENT
    for (size_t i = 0; i < count; i++) target[i] = base[i] + scale * static_cast<float>(codes[i]);
  }
}

// Calls visit(first value, first byte, values of the block); whole blocks have a constant length.
template <typename Visit>
inline void EachBlock(size_t count, const Visit& visit) {
  size_t begin = 0, offset = 0;
  for (; begin + kInt8Block <= count; begin += kInt8Block, offset += 4 + kInt8Block) {
    visit(begin, offset, kInt8Block);
  }
  if (begin < count) visit(begin, offset, count - begin);
}

}  // namespace

CRESCENDO_VECTORIZED
void EncodeInt8(uint8_t* bytes, const float* values, const float* residual, float* pending,
                size_t count) {
  EachBlock(count, [&](size_t begin, size_t offset, size_t length) {
    EncodeBlock(bytes + offset, values + begin, residual + begin, pending + begin, length);
  });
}

CRESCENDO_VECTORIZED
void DecodeInt8(float* target, const uint8_t* bytes, size_t count) {
  EachBlock(count, [&](size_t begin, size_t offset, size_t length) {
    DecodeBlock(target + begin, nullptr, bytes + offset, length);
  });
}

CRESCENDO_VECTORIZED
void DecodeAddInt8(float* target, const float* base, const uint8_t* bytes, size_t count) {
  EachBlock(count, [&](size_t begin, size_t offset, size_t length) {
    DecodeBlock(target + begin, base + begin, bytes + offset, length);
  });
}

}  // namespace crescendo
