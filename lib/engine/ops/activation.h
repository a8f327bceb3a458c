// Activations and their derivatives; swish and GELU are z * sigmoid(v(z)).
#ifndef CRESCENDO_ACTIVATION_H_
#define CRESCENDO_ACTIVATION_H_

#include "vector_math.h"

namespace crescendo {

// As numbered in attributes of ops.
enum Activation { kNone = 0, kSwish = 1, kGelu = 2, kRelu = 3 };

struct Swish {
  static float Value(float z) { return z * Sigmoid(z); }
  static float Slope(float z) {
    const float gate = Sigmoid(z);
    return gate * (1.0f + z * (1.0f - gate));
  }
};

// GELU in its tanh form (Hendrycks and Gimpel 2016): 0.5 z (1 + tanh(u)) = z sigmoid(2 u) with
// u = sqrt(2 / pi) (z + 0.044715 z^3).
struct Gelu {
  static constexpr float kScale = 1.5957691216f;  // 2 sqrt(2 / pi)
  static constexpr float kCubic = 0.044715f;
  static float Value(float z) { return z * Sigmoid(kScale * z * (1.0f + kCubic * z * z)); }
  static float Slope(float z) {
    const float square = z * z;
    const float gate = Sigmoid(kScale * z * (1.0f + kCubic * square));
    const float steepness = kScale * (1.0f + 3.0f * kCubic * square);
    return gate * (1.0f + z * (1.0f - gate) * steepness);
  }
};

struct Relu {
  static float Value(float z) { return z < 0.0f ? 0.0f : z; }  // Keeps what is not a number.
  static float Slope(float z) { return z > 0.0f ? 1.0f : 0.0f; }
};

}  // namespace crescendo

#endif
