// What the networking thread does with pieces of vectors: add, round to a format, pack and unpack.
// Each element is computed alone, so the width of vector instructions changes nothing.
#include "vector_kernels.h"

#include "arguments.h"
#include "value_formats.h"
#include "vectorized.h"

namespace crescendo {
namespace {

// One piece of work; what a kernel does not use is null. A target may be an operand, element by
// element, but does not overlap it otherwise.
struct Piece {
  float* target = nullptr;
  const float* left = nullptr;
  const float* right = nullptr;
  uint8_t* bytes = nullptr;
  size_t count = 0;
};

template <typename Format>
inline void AddAll(const Piece& piece) {
  CRESCENDO_INDEPENDENT
  for (size_t i = 0; i < piece.count; i++) {
    piece.target[i] = Format::Round(piece.left[i] + piece.right[i]);
  }
}

template <typename Format>
inline void RoundAll(const Piece& piece) {
  CRESCENDO_INDEPENDENT
  for (size_t i = 0; i < piece.count; i++) piece.target[i] = Format::Round(piece.left[i]);
}

// Narrow values are converted in blocks of a wide array, in loops of their own: compilers make poor
// vectors of loops that mix widths with comparisons.
constexpr size_t kBlock = 512;

template <typename Format>
inline void EncodeBlock(const float* values, typename Format::Packed* packed, size_t count) {
  typename Format::Wide wide[kBlock];
  for (size_t i = 0; i < count; i++) wide[i] = Format::Pack(values[i]);
  for (size_t i = 0; i < count; i++) packed[i] = static_cast<typename Format::Packed>(wide[i]);
}

template <typename Format>
inline void DecodeBlock(float* target, const typename Format::Packed* packed, size_t count) {
  typename Format::Wide wide[kBlock];
  for (size_t i = 0; i < count; i++) wide[i] = packed[i];
  for (size_t i = 0; i < count; i++) target[i] = Format::Unpack(wide[i]);
}

template <typename Format>
inline void DecodeAddBlock(float* target, const float* base,
                           const typename Format::Packed* packed, size_t count) {
  float decoded[kBlock];
  DecodeBlock<Format>(decoded, packed, count);
  CRESCENDO_INDEPENDENT
  for (size_t i = 0; i < count; i++) target[i] = Format::Round(base[i] + decoded[i]);
}

// Calls visit(begin, count) for blocks that are whole, with a length the compiler knows, and the
// rest.
template <typename Visit>
inline void EachBlock(size_t count, const Visit& visit) {
  size_t begin = 0;
  for (; begin + kBlock <= count; begin += kBlock) visit(begin, kBlock);
  if (begin < count) visit(begin, count - begin);
}

template <typename Format>
inline void EncodeAll(const Piece& piece) {
  auto* packed = reinterpret_cast<typename Format::Packed*>(piece.bytes);
  EachBlock(piece.count, [&](size_t begin, size_t count) {
    EncodeBlock<Format>(piece.left + begin, packed + begin, count);
  });
}

template <typename Format>
inline void DecodeAll(const Piece& piece) {
  const auto* packed = reinterpret_cast<const typename Format::Packed*>(piece.bytes);
  EachBlock(piece.count, [&](size_t begin, size_t count) {
    DecodeBlock<Format>(piece.target + begin, packed + begin, count);
  });
}

template <typename Format>
inline void DecodeAddAll(const Piece& piece) {
  const auto* packed = reinterpret_cast<const typename Format::Packed*>(piece.bytes);
  EachBlock(piece.count, [&](size_t begin, size_t count) {
    DecodeAddBlock<Format>(piece.target + begin, piece.left + begin, packed + begin, count);
  });
}

// Functions with names of their own, since a template cannot be compiled for several processors.
#define CRESCENDO_KERNEL(name, Format) \
  CRESCENDO_VECTORIZED void name##Format(const Piece& piece) { name##All<Format>(piece); }
#define CRESCENDO_KERNELS(name)    \
  CRESCENDO_KERNEL(name, Float32)  \
  CRESCENDO_KERNEL(name, Bfloat16) \
  CRESCENDO_KERNEL(name, Float16)

CRESCENDO_KERNELS(Add)
CRESCENDO_KERNELS(Round)
CRESCENDO_KERNELS(Encode)
CRESCENDO_KERNELS(Decode)
CRESCENDO_KERNELS(DecodeAdd)

constexpr uint32_t kChecksumPrime = 0x9e3779b1u;  // of xxHash

// Each bit of a word changes about half of the bits of the result: the end of MurmurHash3.
inline uint32_t Mixed(uint32_t bits) {
  bits = (bits ^ (bits >> 16)) * 0x85ebca6bu;
  bits = (bits ^ (bits >> 13)) * 0xc2b2ae35u;
  return bits ^ (bits >> 16);
}

// The sum of all words, each mixed with its position in the vector, so that sums of pieces add up.
// Infinities and NaN have an exponent of all ones. @returns whether there are none
CRESCENDO_VECTORIZED
bool MixWords(const uint32_t* words, size_t length, uint32_t position, uint32_t* checksum) {
  uint32_t sum = 0;
  uint32_t found = 0;
  for (size_t i = 0; i < length; i++) {
    const uint32_t key = (position + static_cast<uint32_t>(i)) * kChecksumPrime;
    sum += Mixed(words[i] ^ key);
    found |= static_cast<uint32_t>((words[i] & kInfinity) == kInfinity);
  }
  *checksum = sum;
  return found == 0;
}

using Kernel = void (*)(const Piece&);

// By number of the format, as lib/collective/kernels/addon.ts has them.
constexpr size_t kFormats = 3;
constexpr size_t kBytesPerValue[kFormats] = {4, 2, 2};
constexpr Kernel kAdd[kFormats] = {AddFloat32, AddBfloat16, AddFloat16};
constexpr Kernel kRound[kFormats] = {RoundFloat32, RoundBfloat16, RoundFloat16};
constexpr Kernel kEncode[kFormats] = {EncodeFloat32, EncodeBfloat16, EncodeFloat16};
constexpr Kernel kDecode[kFormats] = {DecodeFloat32, DecodeBfloat16, DecodeFloat16};
constexpr Kernel kDecodeAdd[kFormats] = {DecodeAddFloat32, DecodeAddBfloat16, DecodeAddFloat16};

bool GetFormat(napi_env env, napi_value value, size_t* format) {
  const double number = GetNumber(env, value);
  if (number == 0 || number == 1 || number == 2) {
    *format = static_cast<size_t>(number);
    return true;
  }
  Throw(env, "the format is not one of 0, 1, 2");
  return false;
}

// add(format, target, left, right)
napi_value Add(napi_env env, napi_callback_info info) {
  napi_value args[4];
  size_t format;
  Span<float> target, left, right;
  if (!GetArguments(env, info, 4, args) || !GetFormat(env, args[0], &format) ||
      !GetFloats(env, args[1], "target", &target) || !GetFloats(env, args[2], "left", &left) ||
      !GetFloats(env, args[3], "right", &right) ||
      !RequireLength(env, "left", left.length, target.length) ||
      !RequireLength(env, "right", right.length, target.length)) {
    return nullptr;
  }
  kAdd[format]({target.data, left.data, right.data, nullptr, target.length});
  return nullptr;
}

// round(format, target, source)
napi_value Round(napi_env env, napi_callback_info info) {
  napi_value args[3];
  size_t format;
  Span<float> target, source;
  if (!GetArguments(env, info, 3, args) || !GetFormat(env, args[0], &format) ||
      !GetFloats(env, args[1], "target", &target) ||
      !GetFloats(env, args[2], "source", &source) ||
      !RequireLength(env, "source", source.length, target.length)) {
    return nullptr;
  }
  kRound[format]({target.data, source.data, nullptr, nullptr, target.length});
  return nullptr;
}

// encode(format, bytes, values)
napi_value Encode(napi_env env, napi_callback_info info) {
  napi_value args[3];
  size_t format;
  Span<uint8_t> bytes;
  Span<float> values;
  if (!GetArguments(env, info, 3, args) || !GetFormat(env, args[0], &format) ||
      !GetBytes(env, args[1], "bytes", &bytes) || !GetFloats(env, args[2], "values", &values) ||
      !RequireLength(env, "bytes", bytes.length, values.length * kBytesPerValue[format])) {
    return nullptr;
  }
  kEncode[format]({nullptr, values.data, nullptr, bytes.data, values.length});
  return nullptr;
}

// decode(format, target, bytes)
napi_value Decode(napi_env env, napi_callback_info info) {
  napi_value args[3];
  size_t format;
  Span<float> target;
  Span<uint8_t> bytes;
  if (!GetArguments(env, info, 3, args) || !GetFormat(env, args[0], &format) ||
      !GetFloats(env, args[1], "target", &target) || !GetBytes(env, args[2], "bytes", &bytes) ||
      !RequireLength(env, "bytes", bytes.length, target.length * kBytesPerValue[format])) {
    return nullptr;
  }
  kDecode[format]({target.data, nullptr, nullptr, bytes.data, target.length});
  return nullptr;
}

// decodeAdd(format, target, base, bytes)
napi_value DecodeAdd(napi_env env, napi_callback_info info) {
  napi_value args[4];
  size_t format;
  Span<float> target, base;
  Span<uint8_t> bytes;
  if (!GetArguments(env, info, 4, args) || !GetFormat(env, args[0], &format) ||
      !GetFloats(env, args[1], "target", &target) || !GetFloats(env, args[2], "base", &base) ||
      !GetBytes(env, args[3], "bytes", &bytes) ||
      !RequireLength(env, "base", base.length, target.length) ||
      !RequireLength(env, "bytes", bytes.length, target.length * kBytesPerValue[format])) {
    return nullptr;
  }
  kDecodeAdd[format]({target.data, base.data, nullptr, bytes.data, target.length});
  return nullptr;
}

// inspect(values, position): their checksum, and 2^32 more where one is not finite
napi_value Inspect(napi_env env, napi_callback_info info) {
  napi_value args[2];
  Span<float> values;
  uint32_t position;
  if (!GetArguments(env, info, 2, args) || !GetFloats(env, args[0], "values", &values) ||
      napi_get_value_uint32(env, args[1], &position) != napi_ok) {
    return nullptr;
  }
  uint32_t sum;
  const auto* words = reinterpret_cast<const uint32_t*>(values.data);
  const bool is_finite = MixWords(words, values.length, position, &sum);
  napi_value result;
  napi_create_double(env, is_finite ? sum : sum + 4294967296.0, &result);
  return result;
}

}  // namespace

void ExportVectorKernels(napi_env env, napi_value exports) {
  Export(env, exports, "add", Add);
  Export(env, exports, "round", Round);
  Export(env, exports, "encode", Encode);
  Export(env, exports, "decode", Decode);
  Export(env, exports, "decodeAdd", DecodeAdd);
  Export(env, exports, "inspect", Inspect);
}

}  // namespace crescendo
