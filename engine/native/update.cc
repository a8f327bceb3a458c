// One optimiser step on flat float32 vectors in host memory, in one pass over them, on several
// threads. Each element is computed alone and norms are summed over fixed chunks in double, so the
// result does not depend on the number of threads. engine/optimizer.ts has the formulas, and the
// same in JavaScript, which the tests compare with this.
#include "update.h"

#include <algorithm>
#include <cmath>

#include "napi_support.h"
#include "parallel.h"
#include "vector_math.h"

namespace crescendo {

namespace {

enum Kind { kSgd = 0, kRmsprop = 1, kAdamw = 2, kLamb = 3 };

// Parameters [begin, end) of the vectors; between segments lies padding.
struct Segment {
  int32_t begin;
  int32_t end;
  int32_t is_decayed;
  float rate;  // Its learning rate, as a factor of the step's.
};

constexpr int32_t kChunk = 65536;

struct Settings {
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

struct Update {
  Settings settings;
  float* weights = nullptr;
  const float* sum = nullptr;
  float* first = nullptr;   // momentum
  float* second = nullptr;  // mean square; null for SGD
  float* ema = nullptr;     // null: no EMA
  int32_t elements = 0;
  std::vector<Segment> segments;
  // LAMB's directions, as long as the weights, made before the update starts.
  std::vector<float> directions;
  References references;
  double norm = 0;
  napi_deferred deferred = nullptr;
  napi_async_work work = nullptr;
};

// Moving averages below are kept as old + (new - old) * share, where share is 1 - decay computed in
// double: 1.0f - 0.999f is off by 1.3e-5 of itself, which would make Adam's early steps as wrong.
inline float Moved(float old, float value, float share) { return old + (value - old) * share; }

// The gradient of the mean loss, with L2 decay where the optimiser does not decay by itself.
inline float Gradient(const Update& u, float decay, int32_t i) {
  return u.sum[i] * u.settings.scale + decay * u.weights[i];
}

// In lanes of their own, which a compiler turns into vectors and which no thread count changes.
CRESCENDO_VECTORISED
double SquaredNorm(const Update& u, float decay, int32_t begin, int32_t end) {
  constexpr int32_t kLanes = 16;
  const float *sum = u.sum, *weights = u.weights, scale = u.settings.scale;
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

// How a segment is stepped.
struct Stepping {
  float decay;
  float clip;
  float learning_rate;
};

void ApplySgd(const Update& u, const Stepping& how, int32_t begin, int32_t end) {
  const Settings& s = u.settings;
  const float lookahead = s.nesterov ? s.momentum : 1.0f;
  const float direct = s.nesterov ? 1.0f : 0.0f;
  for (int32_t i = begin; i < end; i++) {
    const float g = Gradient(u, how.decay, i) * how.clip;
    const float velocity = u.first[i] * s.momentum + g;
    u.first[i] = velocity;
    u.weights[i] -= how.learning_rate * (direct * g + lookahead * velocity);
  }
}

void ApplyRmsprop(const Update& u, const Stepping& how, int32_t begin, int32_t end) {
  const Settings& s = u.settings;
  for (int32_t i = begin; i < end; i++) {
    const float g = Gradient(u, how.decay, i) * how.clip;
    const float square = Moved(u.second[i], g * g, s.decay_share);
    const float velocity =
        u.first[i] * s.momentum + how.learning_rate * g / std::sqrt(square + s.epsilon);
    u.second[i] = square;
    u.first[i] = velocity;
    u.weights[i] -= velocity;
  }
}

// Adam's direction; decoupled decay is added by the caller.
inline float AdamDirection(const Update& u, float clip, int32_t i) {
  const Settings& s = u.settings;
  const float g = Gradient(u, 0, i) * clip;
  const float first = Moved(u.first[i], g, s.beta1_share);
  const float second = Moved(u.second[i], g * g, s.beta2_share);
  u.first[i] = first;
  u.second[i] = second;
  return (first / s.correction1) / (std::sqrt(second / s.correction2) + s.epsilon);
}

void ApplyAdamw(const Update& u, const Stepping& how, int32_t begin, int32_t end) {
  for (int32_t i = begin; i < end; i++) {
    const float kept = u.weights[i] * (1.0f - how.learning_rate * how.decay);
    u.weights[i] = kept - how.learning_rate * AdamDirection(u, how.clip, i);
  }
}

// One whole parameter, because its trust ratio needs the norms of weights and direction. What is
// not decayed has none: a bias near zero would hardly move.
void ApplyLamb(Update& u, const Stepping& how, const Segment& segment) {
  float* direction = u.directions.data() + segment.begin;
  double weight_norm = 0;
  double direction_norm = 0;
  for (int32_t i = segment.begin; i < segment.end; i++) {
    const float step = AdamDirection(u, how.clip, i) + how.decay * u.weights[i];
    direction[i - segment.begin] = step;
    weight_norm += static_cast<double>(u.weights[i]) * u.weights[i];
    direction_norm += static_cast<double>(step) * step;
  }
  const bool is_adapted = segment.is_decayed != 0 && weight_norm > 0 && direction_norm > 0;
  const float trust =
      is_adapted ? static_cast<float>(std::sqrt(weight_norm) / std::sqrt(direction_norm)) : 1.0f;
  for (int32_t i = segment.begin; i < segment.end; i++) {
    u.weights[i] -= how.learning_rate * trust * direction[i - segment.begin];
  }
}

void ApplyEma(const Update& u, int32_t begin, int32_t end) {
  const float share = u.settings.ema_share;
  for (int32_t i = begin; i < end; i++) u.ema[i] = Moved(u.ema[i], u.weights[i], share);
}

// Calls apply(segment, begin, end) for the pieces of segments that lie in one chunk, and per_chunk.
template <typename Apply>
void ForPieces(const Update& u, int32_t chunk, const Apply& apply) {
  const int32_t begin = chunk * kChunk;
  const int32_t end = std::min(u.elements, begin + kChunk);
  auto segment = std::upper_bound(u.segments.begin(), u.segments.end(), begin,
                                  [](int32_t at, const Segment& one) { return at < one.end; });
  for (; segment != u.segments.end() && segment->begin < end; ++segment) {
    apply(*segment, std::max(begin, segment->begin), std::min(end, segment->end));
  }
}

Stepping SteppingOf(const Settings& s, const Segment& segment, float clip) {
  return {segment.is_decayed ? s.weight_decay : 0.0f, clip, s.learning_rate * segment.rate};
}

bool IsDecoupled(const Settings& s) { return s.kind == kAdamw || s.kind == kLamb; }

double SumOf(const std::vector<double>& values) {
  double sum = 0;
  for (const double value : values) sum += value;
  return sum;
}

// Applies LAMB, whose trust ratio needs whole parameters.
void ApplyByParameter(Update& u, float clip) {
  InParallel(static_cast<int64_t>(u.segments.size()), [&](int64_t i) {
    const Segment& one = u.segments[i];
    ApplyLamb(u, SteppingOf(u.settings, one, clip), one);
    if (u.ema != nullptr) ApplyEma(u, one.begin, one.end);
  });
}

void ExecuteUpdate(napi_env, void* data) {
  Update& u = *static_cast<Update*>(data);
  const Settings& s = u.settings;
  const int32_t chunks = (u.elements + kChunk - 1) / kChunk;
  const float l2 = IsDecoupled(s) ? 0.0f : s.weight_decay;
  std::vector<double> squares(chunks, 0.0);
  const auto add_squares = [&](int64_t chunk, const Segment& one, int32_t begin, int32_t end) {
    squares[chunk] += SquaredNorm(u, one.is_decayed ? l2 : 0, begin, end);
  };
  // Clipping and LAMB need the norm first; else each chunk is squared while it is in the cache.
  const bool is_norm_first = s.clip_norm > 0 || s.kind == kLamb;
  if (is_norm_first) {
    InParallel(chunks, [&](int64_t chunk) {
      ForPieces(u, static_cast<int32_t>(chunk), [&](const Segment& one, int32_t begin, int32_t end) {
        add_squares(chunk, one, begin, end);
      });
    });
    u.norm = std::sqrt(SumOf(squares));
  }
  const bool is_clipped = s.clip_norm > 0 && u.norm > s.clip_norm;
  const float clip = is_clipped ? static_cast<float>(s.clip_norm / u.norm) : 1.0f;
  if (s.kind == kLamb) return ApplyByParameter(u, clip);
  const auto apply = s.kind == kSgd ? ApplySgd : s.kind == kRmsprop ? ApplyRmsprop : ApplyAdamw;
  InParallel(chunks, [&](int64_t chunk) {
    ForPieces(u, static_cast<int32_t>(chunk), [&](const Segment& one, int32_t begin, int32_t end) {
      if (!is_norm_first) add_squares(chunk, one, begin, end);
      apply(u, SteppingOf(s, one, clip), begin, end);
      if (u.ema != nullptr) ApplyEma(u, begin, end);
    });
  });
  if (!is_norm_first) u.norm = std::sqrt(SumOf(squares));
}

void CompleteUpdate(napi_env env, napi_status, void* data) {
  std::unique_ptr<Update> update(static_cast<Update*>(data));
  napi_delete_async_work(env, update->work);
  napi_value norm;
  napi_create_double(env, update->norm, &norm);
  napi_resolve_deferred(env, update->deferred, norm);
}

Settings ReadSettings(napi_env env, napi_value object) {
  const auto number = [&](const char* name) {
    return static_cast<float>(GetNumber(env, GetProperty(env, object, name)));
  };
  const auto share = [&](const char* name) {
    return static_cast<float>(1.0 - GetNumber(env, GetProperty(env, object, name)));
  };
  Settings s;
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

}  // namespace

// Segments from an Int32Array of (begin, end, isDecayed) and a Float32Array of rates.
bool ReadSegments(napi_env env, napi_value triples, napi_value rates, std::vector<Segment>* out) {
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

// update(settings, segments, rates, weights, sum, slots, ema): all float32 vectors of one length,
// segments Int32Array of (begin, end, isDecayed), rates Float32Array of one factor each. What lies in
// no segment stays. ema may be empty. @returns a promise of the gradient norm
napi_value UpdateWeights(napi_env env, napi_callback_info info) {
  napi_value args[7];
  if (!GetArguments(env, info, 7, args)) return nullptr;
  auto update = std::make_unique<Update>();
  update->settings = ReadSettings(env, args[0]);
  Bytes weights;
  if (!ReadSegments(env, args[1], args[2], &update->segments)) return nullptr;
  if (!GetTypedArray(env, args[3], &weights)) return nullptr;
  update->elements = static_cast<int32_t>(weights.size / 4);
  update->weights = static_cast<float*>(weights.data);
  if (update->settings.kind == kLamb) update->directions.resize(update->elements);
  const auto vector = [&](napi_value values, float** data, bool may_be_empty) {
    Bytes bytes;
    if (!GetTypedArray(env, values, &bytes)) return false;
    if (may_be_empty && bytes.size == 0) return true;
    if (bytes.size != weights.size) {
      Throw(env, "vectors of " + std::to_string(bytes.size / 4) + " and " +
                     std::to_string(weights.size / 4) + " elements");
      return false;
    }
    *data = static_cast<float*>(bytes.data);
    update->references.Keep(env, values);
    return true;
  };
  float* sum = nullptr;
  if (!vector(args[4], &sum, false) || !vector(args[6], &update->ema, true)) return nullptr;
  update->sum = sum;
  const std::vector<napi_value> slots = GetElements(env, args[5]);
  if (slots.empty() || !vector(slots[0], &update->first, false)) return nullptr;
  if (slots.size() > 1 && !vector(slots[1], &update->second, false)) return nullptr;
  update->references.Keep(env, args[3]);
  return StartWork(env, "crescendo update", ExecuteUpdate, CompleteUpdate, std::move(update));
}

}  // namespace crescendo
