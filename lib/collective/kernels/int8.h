// Blocks of int8 with a scale; lib/collective/kernels/compression.ts has the same in JavaScript.
#ifndef CRESCENDO_INT8_H_
#define CRESCENDO_INT8_H_

#include <cstddef>
#include <cstdint>

namespace crescendo {

constexpr size_t kInt8Block = 256;

constexpr size_t Int8Bytes(size_t count) {
  return count + 4 * ((count + kInt8Block - 1) / kInt8Block);
}

void EncodeInt8(uint8_t* bytes, const float* values, const float* residual, float* pending,
                size_t count);
void DecodeInt8(float* target, const uint8_t* bytes, size_t count);
void DecodeAddInt8(float* target, const float* base, const uint8_t* bytes, size_t count);

}  // namespace crescendo

#endif
