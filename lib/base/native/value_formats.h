// Float32 values rounded to bfloat16 and IEEE 754 binary16, without branches, so that compilers
// make vector instructions of loops over them. Every NaN becomes the one quiet NaN of its format,
// so that processors which make different NaNs give the same bytes.
// lib/collective/kernels/vector.ts has the same in JavaScript.
#ifndef CRESCENDO_VALUE_FORMATS_H_
#define CRESCENDO_VALUE_FORMATS_H_

#include <cstdint>
#include <cstring>

namespace crescendo {

// At any address: payloads of frames begin where the frame's header ends.
typedef uint16_t __attribute__((aligned(1), may_alias)) PackedUint16;
typedef float __attribute__((aligned(1), may_alias)) PackedFloat;

constexpr uint32_t kSign = 0x80000000u;
constexpr uint32_t kInfinity = 0x7f800000u;
constexpr uint32_t kQuietNan = 0x7fc00000u;

inline uint32_t BitsOf(float value) {
  uint32_t bits;
  std::memcpy(&bits, &value, sizeof bits);
  return bits;
}

inline float FloatOf(uint32_t bits) {
  float value;
  std::memcpy(&value, &bits, sizeof value);
  return value;
}

struct Float32 {
  using Packed = PackedFloat;
  using Wide = float;
  static float Round(float value) { return value == value ? value : FloatOf(kQuietNan); }
  static float Pack(float value) { return value; }
  static float Unpack(float packed) { return packed; }
};

struct Bfloat16 {
  using Packed = PackedUint16;
  using Wide = uint32_t;
  // To the nearest, ties to even; what is beyond the largest becomes an infinity.
  static uint32_t RoundBits(float value) {
    const uint32_t bits = BitsOf(value);
    const uint32_t rounded = (bits + 0x7fffu + ((bits >> 16) & 1u)) & 0xffff0000u;
    return (bits & ~kSign) > kInfinity ? kQuietNan : rounded;
  }
  static float Round(float value) { return FloatOf(RoundBits(value)); }
  static uint32_t Pack(float value) { return RoundBits(value) >> 16; }
  static float Unpack(uint32_t packed) { return FloatOf(packed << 16); }
};

struct Float16 {
  using Packed = PackedUint16;
  using Wide = uint32_t;
  static constexpr uint32_t kSmallestNormal = 0x38800000u;  // 2^-14
  static constexpr uint32_t kOverflow = 0x47800000u;        // 2^16
  // A float32 in [0.5, 1) has steps of 2^-24, as binary16 has below 2^-14: adding 0.5 rounds to
  // them.
  static constexpr float kSubnormalStep = 0.5f;

  static float Round(float value) {
    const uint32_t bits = BitsOf(value);
    const uint32_t magnitude = bits & ~kSign;
    const float small = (FloatOf(magnitude) + kSubnormalStep) - kSubnormalStep;
    uint32_t rounded = (magnitude + 0xfffu + ((magnitude >> 13) & 1u)) & ~0x1fffu;
    rounded = rounded >= kOverflow ? kInfinity : rounded;
    rounded = magnitude < kSmallestNormal ? BitsOf(small) : rounded;
    rounded |= bits & kSign;
    return FloatOf(magnitude > kInfinity ? kQuietNan : rounded);
  }

  static uint32_t Pack(float value) {
    const uint32_t bits = BitsOf(value);
    const uint32_t magnitude = bits & ~kSign;
    const uint32_t small = BitsOf(FloatOf(magnitude) + kSubnormalStep) - BitsOf(kSubnormalStep);
    uint32_t packed = (magnitude + 0xfffu + ((magnitude >> 13) & 1u) - (112u << 23)) >> 13;
    packed = magnitude < kSmallestNormal ? small : packed;
    packed = packed > 0x7c00u || magnitude >= kInfinity ? 0x7c00u : packed;
    packed |= (bits >> 16) & 0x8000u;
    return magnitude > kInfinity ? 0x7e00u : packed;
  }

  static float Unpack(uint32_t packed) {
    const uint32_t magnitude = packed & 0x7fffu;
    const uint32_t sign = (packed & 0x8000u) << 16;
    // By way of an integer: float32 arithmetic on subnormals is slow on many processors.
    const float small = static_cast<float>(static_cast<int32_t>(magnitude)) * 0x1p-24f;
    uint32_t bits = (magnitude << 13) + (112u << 23);
    bits = magnitude < 0x400u ? BitsOf(small) : bits;
    bits = magnitude >= 0x7c00u ? kInfinity : bits;
    bits |= sign;
    return FloatOf(magnitude > 0x7c00u ? kQuietNan : bits);
  }
};

}  // namespace crescendo

#endif
