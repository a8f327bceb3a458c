// One optimizer step on flat float32 vectors in host memory, in one pass over them, on several
// threads (update_rules.h). Norms are summed over fixed pieces in double, so the result does not
// depend on the number of threads.
#include "update.h"

#include <algorithm>
#include <cmath>

#include "napi_support.h"
#include "parallel.h"
#include "update_rules.h"

namespace crescendo {
namespace {

struct Update {
  UpdateSettings settings;
  UpdateVectors vectors;
  float* ema = nullptr;  // null: no EMA
  int32_t elements = 0;
  std::vector<Segment> segments;
  // LAMB's directions, as long as the weights, made before the update starts.
  std::vector<float> directions;
  References references;
  double norm = 0;
  napi_deferred deferred = nullptr;
  napi_async_work work = nullptr;
};

// One whole parameter, because its trust ratio needs the norms of weights and direction. What is
// not decayed has none: a bias near zero would hardly move.
void ApplyLamb(Update& u, const Stepping& how, const Segment& segment) {
  float* weights = u.vectors.weights;
  float* direction = u.directions.data() + segment.begin;
  double weight_norm = 0;
  double direction_norm = 0;
  for (int32_t i = segment.begin; i < segment.end; i++) {
    const float step = AdamDirection(u.settings, u.vectors, how.clip, i) + how.decay * weights[i];
    direction[i - segment.begin] = step;
    weight_norm += static_cast<double>(weights[i]) * weights[i];
    direction_norm += static_cast<double>(step) * step;
  }
  const bool is_adapted = segment.is_decayed != 0 && weight_norm > 0 && direction_norm > 0;
  const float trust =
      is_adapted ? static_cast<float>(std::sqrt(weight_norm) / std::sqrt(direction_norm)) : 1.0f;
  for (int32_t i = segment.begin; i < segment.end; i++) {
    weights[i] -= how.learning_rate * trust * direction[i - segment.begin];
  }
}

void ApplyEma(const Update& u, int32_t begin, int32_t end) {
  const float share = u.settings.ema_share;
  for (int32_t i = begin; i < end; i++) u.ema[i] = Moved(u.ema[i], u.vectors.weights[i], share);
}

// Calls apply(segment, begin, end) for the pieces of segments that lie in one chunk, and per_chunk.
template <typename Apply>
void ForPieces(const Update& u, int32_t chunk, const Apply& apply) {
  const int32_t begin = chunk * kNormChunk;
  const int32_t end = std::min(u.elements, begin + kNormChunk);
  auto segment = std::upper_bound(u.segments.begin(), u.segments.end(), begin,
                                  [](int32_t at, const Segment& one) { return at < one.end; });
  for (; segment != u.segments.end() && segment->begin < end; ++segment) {
    apply(*segment, std::max(begin, segment->begin), std::min(end, segment->end));
  }
}

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
  const UpdateSettings& s = u.settings;
  const int32_t chunks = (u.elements + kNormChunk - 1) / kNormChunk;
  const float l2 = IsDecoupled(s) ? 0.0f : s.weight_decay;
  std::vector<double> squares(chunks, 0.0);
  const auto add_squares = [&](int64_t chunk, const Segment& one, int32_t begin, int32_t end) {
    while (begin < end) {
      const int32_t piece_end = std::min(end, begin - begin % kNormBlock + kNormBlock);
      squares[chunk] += SquaredNorm(s, u.vectors, one.is_decayed ? l2 : 0, begin, piece_end);
      begin = piece_end;
    }
  };
  // Clipping and LAMB need the norm first; else each chunk is squared while it is in the cache.
  const bool is_norm_first = s.clip_norm > 0 || s.kind == kLamb;
  if (is_norm_first) {
    InParallel(chunks, [&](int64_t chunk) {
      const auto piece = static_cast<int32_t>(chunk);
      ForPieces(u, piece, [&](const Segment& one, int32_t begin, int32_t end) {
        add_squares(chunk, one, begin, end);
      });
    });
    u.norm = std::sqrt(SumOf(squares));
  }
  const bool is_clipped = s.clip_norm > 0 && u.norm > s.clip_norm;
  const float clip = is_clipped ? static_cast<float>(s.clip_norm / u.norm) : 1.0f;
  if (s.kind == kLamb) return ApplyByParameter(u, clip);
  InParallel(chunks, [&](int64_t chunk) {
    ForPieces(u, static_cast<int32_t>(chunk), [&](const Segment& one, int32_t begin, int32_t end) {
      if (!is_norm_first) add_squares(chunk, one, begin, end);
      ApplyRule(s, u.vectors, SteppingOf(s, one, clip), begin, end);
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

}  // namespace

// update(settings, segments, rates, weights, sum, moments, ema): all float32 vectors of one length,
// segments Int32Array of (begin, end, isDecayed), rates Float32Array of one factor each. What lies
// in no segment stays. ema may be empty. @returns a promise of the gradient norm
napi_value UpdateWeights(napi_env env, napi_callback_info info) {
  napi_value args[7];
  if (!GetArguments(env, info, 7, args)) return nullptr;
  auto update = std::make_unique<Update>();
  update->settings = ReadSettings(env, args[0]);
  Bytes weights;
  if (!ReadSegments(env, args[1], args[2], &update->segments)) return nullptr;
  if (!GetTypedArray(env, args[3], &weights)) return nullptr;
  update->elements = static_cast<int32_t>(weights.size / 4);
  update->vectors.weights = static_cast<float*>(weights.data);
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
  update->vectors.sum = sum;
  const std::vector<napi_value> moments = GetElements(env, args[5]);
  if (moments.empty() || !vector(moments[0], &update->vectors.first, false)) return nullptr;
  if (moments.size() > 1 && !vector(moments[1], &update->vectors.second, false)) return nullptr;
  update->references.Keep(env, args[3]);
  return StartWork(env, "crescendo update", ExecuteUpdate, CompleteUpdate, std::move(update));
}

// adoptWeights(weights, values, ema, emaKeep): weights become `values`, which the owners of the
// optimizer state have stepped, and the EMA moves; ema may be empty.
napi_value AdoptWeights(napi_env env, napi_callback_info info) {
  napi_value args[4];
  Bytes weights, values, ema;
  if (!GetArguments(env, info, 4, args) || !GetTypedArray(env, args[0], &weights) ||
      !GetTypedArray(env, args[1], &values) || !GetTypedArray(env, args[2], &ema)) {
    return nullptr;
  }
  if (values.size != weights.size || (ema.size != 0 && ema.size != weights.size)) {
    Throw(env, "vectors of different lengths");
    return nullptr;
  }
  Update u;
  u.settings.ema_share = static_cast<float>(1.0 - GetNumber(env, args[3]));
  u.vectors.weights = static_cast<float*>(weights.data);
  u.ema = static_cast<float*>(ema.data);
  const auto elements = static_cast<int64_t>(weights.size / 4);
  const auto* stepped = static_cast<const float*>(values.data);
  InParallel((elements + kNormChunk - 1) / kNormChunk, [&](int64_t chunk) {
    const int64_t begin = chunk * kNormChunk;
    const int64_t end = std::min(elements, begin + kNormChunk);
    std::copy(stepped + begin, stepped + end, u.vectors.weights + begin);
    if (ema.size != 0) ApplyEma(u, static_cast<int32_t>(begin), static_cast<int32_t>(end));
  });
  return nullptr;
}

}  // namespace crescendo
