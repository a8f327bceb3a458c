// Arithmetic that compilers turn into vector instructions.
#ifndef CRESCENDO_VECTOR_MATH_H_
#define CRESCENDO_VECTOR_MATH_H_

#include <cstdint>
#include <cstring>

#include "vectorized.h"

namespace crescendo {

// e^x to about 2 units in the last place, for x in [-87, 87]; the coefficients are those of
// Cephes' expf (S. Moshier). NaN stays NaN.
inline float Exp(float x) {
  x = x > 87.0f ? 87.0f : x;
  x = x < -87.0f ? -87.0f : x;
  constexpr float kRound = 12582912.0f;  // 1.5 * 2^23: adding it leaves an integer
  const float n = (x * 1.44269504f + kRound) - kRound;
  const float r = (x - n * 0.693359375f) - n * -2.12194440e-4f;
  float p = 1.9875691500e-4f;
  p = p * r + 1.3981999507e-3f;
  p = p * r + 8.3334519073e-3f;
  p = p * r + 4.1665795894e-2f;
  p = p * r + 1.6666665459e-1f;
  p = p * r + 5.0000001201e-1f;
  const float mantissa = (p * r) * r + r + 1.0f;
  const int32_t exponent = (static_cast<int32_t>(n) + 127) * (1 << 23);
  float power;
  std::memcpy(&power, &exponent, sizeof power);
  return mantissa * power;
}

inline float Sigmoid(float x) { return 1.0f / (1.0f + Exp(-x)); }

}  // namespace crescendo

#endif
