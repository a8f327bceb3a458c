// Sums whose order does not depend on the width of vectors.
#ifndef CRESCENDO_LANES_H_
#define CRESCENDO_LANES_H_

#include <cstdint>

#include "vector_math.h"

namespace crescendo {

constexpr int64_t kLanes = 16;

// Sum over i < count of value(i): into lanes, which are then added one after another.
template <typename Value>
inline float SumOf(int64_t count, const Value& value) {
  float lanes[kLanes] = {};
  const int64_t whole = count / kLanes * kLanes;
  for (int64_t i = 0; i < whole; i += kLanes) {
    CRESCENDO_INDEPENDENT
    for (int64_t lane = 0; lane < kLanes; lane++) lanes[lane] += value(i + lane);
  }
  for (int64_t i = whole; i < count; i++) lanes[i - whole] += value(i);
  float total = 0;
  for (int64_t lane = 0; lane < kLanes; lane++) total += lanes[lane];
  return total;
}

}  // namespace crescendo

#endif
