#include "select_largest.h"

#include <algorithm>

#include "value_formats.h"
#include "vectorized.h"

namespace crescendo {
namespace {

constexpr int kBits = 31;  // Bits of a magnitude, sorted by its upper 12, next 12 and last 7.
constexpr int kWidths[] = {12, 12, 7};
constexpr size_t kBuckets = 1 << 12;
// One comparison of the widest vectors; at a hundredth kept, most groups have none.
constexpr size_t kGroup = 16;

inline uint32_t MagnitudeOf(float value) { return BitsOf(value) & ~kSign; }

// The bucket that holds the `*wanted`-th from the top; takes those above it off `*wanted`.
uint32_t BucketOf(const uint32_t* histogram, int width, size_t* wanted) {
  uint32_t bucket = (1u << width) - 1;
  while (bucket > 0 && histogram[bucket] < *wanted) *wanted -= histogram[bucket--];
  return bucket;
}

// Counts by the first 12 bits, in tables by turns, so that equal neighbors do not wait for each
// other.
void CountFirst(uint32_t* histogram, const float* values, size_t count) {
  constexpr size_t kTables = 4;
  uint32_t tables[kTables][kBuckets] = {};
  constexpr int kShift = kBits - kWidths[0];
  size_t i = 0;
  for (; i + kTables <= count; i += kTables) {
    for (size_t t = 0; t < kTables; t++) tables[t][MagnitudeOf(values[i + t]) >> kShift]++;
  }
  for (; i < count; i++) tables[0][MagnitudeOf(values[i]) >> kShift]++;
  for (size_t bucket = 0; bucket < kBuckets; bucket++) {
    for (size_t t = 0; t < kTables; t++) histogram[bucket] += tables[t][bucket];
  }
}

inline bool HasAtLeast(const float* values, uint32_t least) {
  uint32_t any = 0;
  for (size_t i = 0; i < kGroup; i++) any |= MagnitudeOf(values[i]) >= least ? 1u : 0u;
  return any != 0;
}

// Calls visit(index, magnitude) for magnitudes of `least` or more; most groups have few or none.
template <typename Visit>
inline void EachAtLeast(const float* values, size_t count, uint32_t least, const Visit& visit) {
  for (size_t begin = 0; begin < count; begin += kGroup) {
    const size_t end = std::min(begin + kGroup, count);
    if (end - begin == kGroup && !HasAtLeast(values + begin, least)) continue;
    for (size_t i = begin; i < end; i++) {
      const uint32_t magnitude = MagnitudeOf(values[i]);
      if (magnitude >= least) visit(i, magnitude);
    }
  }
}

}  // namespace

CRESCENDO_VECTORIZED
size_t SelectLargest(uint32_t* indices, size_t wanted, const float* values, size_t count) {
  if (wanted == 0 || count == 0) return 0;
  wanted = std::min(wanted, count);
  uint32_t histogram[kBuckets] = {};
  CountFirst(histogram, values, count);
  uint32_t prefix = BucketOf(histogram, kWidths[0], &wanted);
  int known = kBits - kWidths[0];
  for (const int width : {kWidths[1], kWidths[2]}) {
    const int shift = known - width;
    std::fill(histogram, histogram + kBuckets, 0);
    EachAtLeast(values, count, prefix << known, [&](size_t, uint32_t magnitude) {
      if (magnitude >> known == prefix) histogram[(magnitude >> shift) & ((1u << width) - 1)]++;
    });
    prefix = (prefix << width) | BucketOf(histogram, width, &wanted);
    known = shift;
  }
  // `wanted` is now how many of the very threshold are taken.
  size_t chosen = 0;
  const uint32_t threshold = prefix;
  EachAtLeast(values, count, std::max(threshold, 1u), [&](size_t i, uint32_t magnitude) {
    if (magnitude == threshold) {
      if (wanted == 0) return;
      wanted--;
    }
    indices[chosen++] = static_cast<uint32_t>(i);
  });
  return chosen;
}

}  // namespace crescendo
