// The optimizer's step on a piece of the weights, on the calling thread, for workers that share the
// optimizer state out among them. What a piece holds is left as it is and what it becomes is
// written elsewhere, because a step may still be taken back. The rules are those of the step on all
// weights (update_rules.h), so both have the same bits.
#include "update_step.h"

#include <algorithm>
#include <cstring>

#include "arguments.h"
#include "update_rules.h"

namespace crescendo {
namespace {

// So many elements are copied, and then stepped while they are in the cache.
constexpr int32_t kBlock = 4096;

struct Moment {
  Span<float> now;
  Span<float> next;
};

// Slots and what they become, as many of each, all as long as the weights.
bool GetMoments(napi_env env, napi_value now, napi_value next, size_t length,
              std::vector<Moment>* moments) {
  const std::vector<napi_value> from = GetElements(env, now), to = GetElements(env, next);
  if (from.empty() || from.size() > 2 ||
      !RequireLength(env, "nextMoments", to.size(), from.size())) {
    return false;
  }
  moments->resize(from.size());
  for (size_t i = 0; i < from.size(); i++) {
    Moment& moment = (*moments)[i];
    if (!GetFloats(env, from[i], "moment", &moment.now) ||
        !GetFloats(env, to[i], "next moment", &moment.next) ||
        !RequireLength(env, "moment", moment.now.length, length) ||
        !RequireLength(env, "next moment", moment.next.length, length)) {
      return false;
    }
  }
  return true;
}

struct Step {
  UpdateSettings settings;
  float clip = 1;
  std::vector<Segment> segments;
  const float* weights = nullptr;
  float* target = nullptr;
  int32_t length = 0;
  std::vector<Moment> moments;
};

void Run(const Step& step) {
  float sums[kBlock];
  auto segment = step.segments.begin();
  for (int32_t begin = 0; begin < step.length; begin += kBlock) {
    const int32_t end = std::min(step.length, begin + kBlock);
    const size_t bytes = static_cast<size_t>(end - begin) * sizeof(float);
    std::memcpy(sums, step.target + begin, bytes);
    std::memcpy(step.target + begin, step.weights + begin, bytes);
    for (const Moment& moment : step.moments) {
      std::memcpy(moment.next.data + begin, moment.now.data + begin, bytes);
    }
    UpdateVectors vectors;
    vectors.weights = step.target + begin;
    vectors.sum = sums;
    vectors.first = step.moments[0].next.data + begin;
    vectors.second = step.moments.size() > 1 ? step.moments[1].next.data + begin : nullptr;
    while (segment != step.segments.end() && segment->end <= begin) ++segment;
    for (auto one = segment; one != step.segments.end() && one->begin < end; ++one) {
      ApplyRule(step.settings, vectors, SteppingOf(step.settings, *one, step.clip),
                std::max(begin, one->begin) - begin, std::min(end, one->end) - begin);
    }
  }
}

// step(settings, clip, segments, rates, weights, moments, target, nextMoments): `target` has the
// sum of the gradients and receives the weights.
napi_value StepCall(napi_env env, napi_callback_info info) {
  napi_value args[8];
  Span<float> weights, target;
  Step step;
  if (!GetArguments(env, info, 8, args) || !ReadSegments(env, args[2], args[3], &step.segments) ||
      !GetFloats(env, args[4], "weights", &weights) ||
      !GetFloats(env, args[6], "target", &target) ||
      !RequireLength(env, "target", target.length, weights.length) ||
      !GetMoments(env, args[5], args[7], weights.length, &step.moments)) {
    return nullptr;
  }
  step.settings = ReadSettings(env, args[0]);
  step.clip = static_cast<float>(GetNumber(env, args[1]));
  step.weights = weights.data;
  step.target = target.data;
  step.length = static_cast<int32_t>(weights.length);
  const bool has_second = step.moments.size() == 2;
  if (step.settings.kind == kLamb || has_second != (step.settings.kind != kSgd)) {
    Throw(env, "no step by pieces for this optimizer and its moments");
    return nullptr;
  }
  for (const Segment& one : step.segments) {
    if (one.begin >= 0 && one.begin <= one.end && one.end <= step.length) continue;
    Throw(env, "a segment lies outside the piece");
    return nullptr;
  }
  Run(step);
  return nullptr;
}

// squaredNorms(settings, pieces, weights, sum, squares): pieces Int32Array of (begin, end,
// isDecayed), one double for each.
napi_value SquaredNormsCall(napi_env env, napi_callback_info info) {
  napi_value args[5];
  Span<int32_t> pieces;
  Span<float> weights, sum;
  Span<double> squares;
  if (!GetArguments(env, info, 5, args) ||
      !GetSpan(env, args[1], napi_int32_array, "pieces", &pieces) ||
      !GetFloats(env, args[2], "weights", &weights) || !GetFloats(env, args[3], "sum", &sum) ||
      !GetSpan(env, args[4], napi_float64_array, "squares", &squares) ||
      !RequireLength(env, "sum", sum.length, weights.length) ||
      !RequireLength(env, "pieces", pieces.length, 3 * squares.length)) {
    return nullptr;
  }
  const UpdateSettings settings = ReadSettings(env, args[0]);
  const float l2 = IsDecoupled(settings) ? 0.0f : settings.weight_decay;
  UpdateVectors vectors;
  vectors.weights = weights.data;
  vectors.sum = sum.data;
  for (size_t i = 0; i < squares.length; i++) {
    const int32_t *piece = pieces.data + 3 * i, begin = piece[0], end = piece[1];
    if (begin < 0 || begin > end || end > static_cast<int32_t>(sum.length)) {
      Throw(env, "a piece lies outside the sum");
      return nullptr;
    }
    squares.data[i] = SquaredNorm(settings, vectors, piece[2] != 0 ? l2 : 0.0f, begin, end);
  }
  return nullptr;
}

}  // namespace

void ExportUpdateStep(napi_env env, napi_value exports) {
  Export(env, exports, "step", StepCall);
  Export(env, exports, "squaredNorms", SquaredNormsCall);
}

}  // namespace crescendo
