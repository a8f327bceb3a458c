// Dropout masks as lib/engine/masks.ts draws them, many at a time: the streams of all samples are
// independent, and so are the blocks of one.
#include "masks.h"

#include <cstdint>
#include <string>

#include "napi_support.h"
#include "random_stream.h"
#include "vectorized.h"

namespace crescendo {
namespace {

constexpr int kRounds = 10;
// Blocks that are computed side by side, of four numbers each.
constexpr int kLanes = 16;

struct Row {
  uint32_t seed, purpose, a, b;
};

// kLanes blocks of Philox4x32-10 from block `first` on; a block has four numbers.
CRESCENDO_VECTORIZED void Blocks(const Row& row, uint32_t first, uint32_t* output) {
  uint32_t c0[kLanes], c1[kLanes], c2[kLanes], c3[kLanes];
  for (int lane = 0; lane < kLanes; lane++) {
    c0[lane] = first + static_cast<uint32_t>(lane);
    c1[lane] = 0;
    c2[lane] = row.a;
    c3[lane] = row.b;
  }
  uint32_t k0 = row.seed, k1 = row.purpose;
  for (int round = 0; round < kRounds; round++) {
    CRESCENDO_INDEPENDENT
    for (int lane = 0; lane < kLanes; lane++) {
      const uint64_t one = 0xd2511f53ull * c0[lane];
      const uint64_t two = 0xcd9e8d57ull * c2[lane];
      c0[lane] = static_cast<uint32_t>(two >> 32) ^ c1[lane] ^ k0;
      c1[lane] = static_cast<uint32_t>(two);
      c2[lane] = static_cast<uint32_t>(one >> 32) ^ c3[lane] ^ k1;
      c3[lane] = static_cast<uint32_t>(one);
    }
    k0 += 0x9e3779b9;
    k1 += 0xbb67ae85;
  }
  for (int lane = 0; lane < kLanes; lane++) {
    output[4 * lane] = c0[lane];
    output[4 * lane + 1] = c1[lane];
    output[4 * lane + 2] = c2[lane];
    output[4 * lane + 3] = c3[lane];
  }
}

void DrawRow(const Row& row, uint64_t bound, float hit, float* output, size_t count) {
  constexpr size_t kAtOnce = 4 * kLanes;
  uint32_t numbers[kAtOnce];
  for (size_t begin = 0; begin < count; begin += kAtOnce) {
    Blocks(row, static_cast<uint32_t>(begin / 4), numbers);
    const size_t length = count - begin < kAtOnce ? count - begin : kAtOnce;
    for (size_t i = 0; i < length; i++) output[begin + i] = numbers[i] < bound ? hit : 0.0f;
  }
}

}  // namespace

// drawRows(seed, purpose, firstPosition, rows, bound, hit, output): a number of the stream of a
// position is `hit` where it is below the bound (0 to 2^32), else 0.
napi_value DrawRows(napi_env env, napi_callback_info info) {
  napi_value args[7];
  if (!GetArguments(env, info, 7, args)) return nullptr;
  Bytes output;
  if (!GetTypedArray(env, args[6], &output)) return nullptr;
  const auto seed = static_cast<uint32_t>(GetNumber(env, args[0]));
  const uint32_t purpose = RandomStream::HashOf(GetString(env, args[1]).c_str());
  const auto first = static_cast<uint64_t>(GetNumber(env, args[2]));
  const auto rows = static_cast<size_t>(GetNumber(env, args[3]));
  const auto bound = static_cast<uint64_t>(GetNumber(env, args[4]));
  const auto hit = static_cast<float>(GetNumber(env, args[5]));
  if (rows == 0) return nullptr;
  const size_t count = output.size / sizeof(float) / rows;
  for (size_t row = 0; row < rows; row++) {
    const uint64_t position = first + row;
    const Row one{seed, purpose, static_cast<uint32_t>(position),
                  static_cast<uint32_t>(position >> 32)};
    DrawRow(one, bound, hit, static_cast<float*>(output.data) + row * count, count);
  }
  return nullptr;
}

}  // namespace crescendo
