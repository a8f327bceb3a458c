// The rules of the optimizers on stretches of flat float32 vectors. lib/optim/optimizer.ts has the
// formulas, and the same in JavaScript. Each element is computed alone, so that it does not matter
// which thread, or which worker, does it.
#ifndef CRESCENDO_UPDATE_RULES_H_
#define CRESCENDO_UPDATE_RULES_H_

#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include "napi_support.h"
#include "vectorized.h"

namespace crescendo {

enum UpdateKind { kSgd = 0, kRmsprop = 1, kAdamw = 2, kLamb = 3 };

// Parameters [begin, end) of the vectors; between segments lies padding.
struct Segment {
  int32_t begin;
  int32_t end;
  int32_t is_decayed;
  float rate;  // Its learning rate, as a factor of the step's.
};

struct UpdateSettings {
  int kind = kSgd;
  float scale = 1;
  float learning_rate = 0;
  float momentum = 0;
  bool nesterov = false;
  float decay_share = 1;  // 1 - decay, as the following
  float epsilon = 0;
  float beta1_share = 1;
  float beta2_share = 1;
  float correction1 = 1;  // 1 - beta1^t
  float correction2 = 1;
  float weight_decay = 0;
  float clip_norm = 0;  // 0: not clipped
  float ema_share = 1;
};

// What a step reads and changes, all but the sum; indices of rules are into these.
struct UpdateVectors {
  float* weights = nullptr;
  const float* sum = nullptr;
  float* first = nullptr;   // momentum
  float* second = nullptr;  // mean square; null for SGD
};

// How a segment is stepped.
struct Stepping {
  float decay;
  float clip;
  float learning_rate;
};

// Squares of gradients are summed over pieces: what one segment has of an aligned block. The norm
// is the sum over the pieces of a chunk, and then over chunks, whoever computes which piece.
constexpr int32_t kNormBlock = 1024;
constexpr int32_t kNormChunk = 65536;

inline bool IsDecoupled(const UpdateSettings& s) { return s.kind == kAdamw || s.kind == kLamb; }

inline Stepping SteppingOf(const UpdateSettings& s, const Segment& segment, float clip) {
  return {segment.is_decayed ? s.weight_decay : 0.0f, clip, s.learning_rate * segment.rate};
}

// Moving averages below are kept as old + (new - old) * share, where share is 1 - decay computed in
// double: 1.0f - 0.999f is off by 1.3e-5 of itself, which would make Adam's early steps as wrong.
inline float Moved(float old, float value, float share) { return old + (value - old) * share; }

// The gradient of the mean loss, with L2 decay where the optimizer does not decay by itself.
inline float Gradient(const UpdateSettings& s, const UpdateVectors& u, float decay, int32_t i) {
  return u.sum[i] * s.scale + decay * u.weights[i];
}

// The squared norm of a piece. In lanes of their own, which a compiler turns into vectors and which
// no thread count changes.
CRESCENDO_VECTORIZED
static double SquaredNorm(const UpdateSettings& s, const UpdateVectors& u, float decay,
                          int32_t begin, int32_t end) {
  constexpr int32_t kLanes = 16;
  const float *sum = u.sum, *weights = u.weights, scale = s.scale;
  double lanes[kLanes] = {};
  int32_t i = begin;
  for (; i + kLanes <= end; i += kLanes) {
    for (int32_t lane = 0; lane < kLanes; lane++) {
      const double g = sum[i + lane] * scale + decay * weights[i + lane];
      lanes[lane] += g * g;
    }
  }
  double total = 0;
  for (const double lane : lanes) total += lane;
  for (; i < end; i++) {
    const double g = sum[i] * scale + decay * weights[i];
    total += g * g;
  }
  return total;
}

inline void ApplySgd(const UpdateSettings& s, const UpdateVectors& u, const Stepping& how,
                     int32_t begin, int32_t end) {
  const float lookahead = s.nesterov ? s.momentum : 1.0f;
  const float direct = s.nesterov ? 1.0f : 0.0f;
  for (int32_t i = begin; i < end; i++) {
    const float g = Gradient(s, u, how.decay, i) * how.clip;
    const float velocity = u.first[i] * s.momentum + g;
    u.first[i] = velocity;
    u.weights[i] -= how.learning_rate * (direct * g + lookahead * velocity);
  }
}

inline void ApplyRmsprop(const UpdateSettings& s, const UpdateVectors& u, const Stepping& how,
                         int32_t begin, int32_t end) {
  for (int32_t i = begin; i < end; i++) {
    const float g = Gradient(s, u, how.decay, i) * how.clip;
    const float square = Moved(u.second[i], g * g, s.decay_share);
    const float velocity =
        u.first[i] * s.momentum + how.learning_rate * g / std::sqrt(square + s.epsilon);
    u.second[i] = square;
    u.first[i] = velocity;
    u.weights[i] -= velocity;
  }
}

// Adam's direction; decoupled decay is added by the caller.
inline float AdamDirection(const UpdateSettings& s, const UpdateVectors& u, float clip,
                           int32_t i) {
  const float g = Gradient(s, u, 0, i) * clip;
  const float first = Moved(u.first[i], g, s.beta1_share);
  const float second = Moved(u.second[i], g * g, s.beta2_share);
  u.first[i] = first;
  u.second[i] = second;
  return (first / s.correction1) / (std::sqrt(second / s.correction2) + s.epsilon);
}

inline void ApplyAdamw(const UpdateSettings& s, const UpdateVectors& u, const Stepping& how,
                       int32_t begin, int32_t end) {
  for (int32_t i = begin; i < end; i++) {
    const float kept = u.weights[i] * (1.0f - how.learning_rate * how.decay);
    u.weights[i] = kept - how.learning_rate * AdamDirection(s, u, how.clip, i);
  }
}

// Steps what one segment has in [begin, end), by any rule but LAMB's.
inline void ApplyRule(const UpdateSettings& s, const UpdateVectors& u, const Stepping& how,
                      int32_t begin, int32_t end) {
  if (s.kind == kSgd) return ApplySgd(s, u, how, begin, end);
  if (s.kind == kRmsprop) return ApplyRmsprop(s, u, how, begin, end);
  ApplyAdamw(s, u, how, begin, end);
}

inline UpdateSettings ReadSettings(napi_env env, napi_value object) {
  const auto number = [&](const char* name) {
    return static_cast<float>(GetNumber(env, GetProperty(env, object, name)));
  };
  const auto share = [&](const char* name) {
    return static_cast<float>(1.0 - GetNumber(env, GetProperty(env, object, name)));
  };
  UpdateSettings s;
  s.kind = static_cast<int>(number("kind"));
  s.scale = number("scale");
  s.learning_rate = number("learningRate");
  s.momentum = number("momentum");
  s.nesterov = GetBool(env, GetProperty(env, object, "nesterov"));
  s.decay_share = share("decay");
  s.epsilon = number("epsilon");
  s.beta1_share = share("beta1");
  s.beta2_share = share("beta2");
  s.correction1 = number("correction1");
  s.correction2 = number("correction2");
  s.weight_decay = number("weightDecay");
  s.clip_norm = number("clipNorm");
  s.ema_share = share("emaKeep");
  return s;
}

// Segments from an Int32Array of (begin, end, isDecayed) and a Float32Array of rates.
inline bool ReadSegments(napi_env env, napi_value triples, napi_value rates,
                         std::vector<Segment>* out) {
  Bytes places, factors;
  if (!GetTypedArray(env, triples, &places) || !GetTypedArray(env, rates, &factors)) return false;
  const size_t count = factors.size / 4;
  if (places.size != count * 12) {
    Throw(env, std::to_string(places.size / 4) + " numbers for " + std::to_string(count) +
                   " segments, which need three each");
    return false;
  }
  const auto* place = static_cast<const int32_t*>(places.data);
  const auto* rate = static_cast<const float*>(factors.data);
  for (size_t i = 0; i < count; i++) {
    out->push_back({place[3 * i], place[3 * i + 1], place[3 * i + 2], rate[i]});
  }
  return true;
}

}  // namespace crescendo

#endif
