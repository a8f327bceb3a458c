// Rendering of micro-batches for JavaScript.
#include "napi_support.h"
#include "distortions.h"
#include "mapped_file.h"
#include "render_pool.h"

namespace crescendo {
namespace {

constexpr int kThreadsMax = 256;
constexpr int kSideMax = 4096;

// A call of render() until its promise is settled.
struct Call {
  std::shared_ptr<RenderJob> job = std::make_shared<RenderJob>();
  References references;
  napi_deferred deferred = nullptr;
};

// The pool as JavaScript has it. Its function is called on the JavaScript thread with each Call
// that is done, and keeps that thread's loop alive only while there are calls.
struct Renderer {
  explicit Renderer(int threads) : pool(threads) {}
  RenderPool pool;
  napi_threadsafe_function settle = nullptr;
  int calls = 0;
};

napi_value FailuresOf(napi_env env, const RenderJob& job) {
  napi_value failures;
  napi_create_array_with_length(env, job.failures.size(), &failures);
  for (size_t i = 0; i < job.failures.size(); i++) {
    const auto& [index, reason] = job.failures[i];
    napi_value failure, text;
    napi_create_object(env, &failure);
    SetNumber(env, failure, "at", index);
    napi_create_string_utf8(env, reason.data(), reason.size(), &text);
    napi_set_named_property(env, failure, "reason", text);
    napi_set_element(env, failures, i, failure);
  }
  return failures;
}

void Settle(napi_env env, napi_value, void* context, void* data) {
  const std::unique_ptr<Call> call(static_cast<Call*>(data));
  if (env == nullptr) return;
  Renderer* renderer = static_cast<Renderer*>(context);
  if (--renderer->calls == 0) napi_unref_threadsafe_function(env, renderer->settle);
  napi_resolve_deferred(env, call->deferred, FailuresOf(env, *call->job));
}

void StopAtExit(void* data) { static_cast<Renderer*>(data)->pool.Stop(); }

// createRenderer(threads)
napi_value CreateRenderer(napi_env env, napi_callback_info info) {
  napi_value args[1];
  if (!GetArguments(env, info, 1, args)) return nullptr;
  const int threads = static_cast<int>(GetNumber(env, args[0]));
  if (threads < 1 || threads > kThreadsMax) {
    Throw(env, "threads must be 1 to " + std::to_string(kThreadsMax));
    return nullptr;
  }
  // Lives as long as the process: its thread of JavaScript has it until it ends.
  Renderer* renderer = new Renderer(threads);
  napi_value name, external;
  napi_create_string_utf8(env, "crescendoRender", NAPI_AUTO_LENGTH, &name);
  napi_create_threadsafe_function(env, nullptr, nullptr, name, 0, 1, nullptr, nullptr, renderer,
                                  Settle, &renderer->settle);
  napi_unref_threadsafe_function(env, renderer->settle);
  // Behind the function, so that its threads have ended when the function is taken away.
  napi_add_env_cleanup_hook(env, StopAtExit, renderer);
  napi_create_external(env, renderer, nullptr, nullptr, &external);
  return external;
}

bool GetSources(napi_env env, napi_value array, Call* call) {
  for (const napi_value element : GetElements(env, array)) {
    napi_valuetype type;
    napi_typeof(env, element, &type);
    Source source;
    if (type == napi_string) {
      source.path = GetString(env, element);
    } else {
      Bytes bytes;
      if (!GetTypedArray(env, element, &bytes)) return false;
      call->references.Keep(env, element);
      source.data = static_cast<const uint8_t*>(bytes.data);
      source.size = bytes.size;
    }
    call->job->sources.push_back(std::move(source));
  }
  return true;
}

// Boxes of distortions must be within the square: nothing beyond it is written.
bool AreBoxesWithin(const double* plan, int side) {
  const double* row = plan + kFieldCount;
  for (int i = 0; i < plan[kDistortionCount]; i++, row += 1 + kDistortionArguments) {
    const auto kind = static_cast<DistortionKind>(static_cast<int>(row[0]));
    const bool has_box = kind == DistortionKind::kFill || kind == DistortionKind::kNoise ||
                         kind == DistortionKind::kRandomPixels;
    if (!has_box) continue;
    if (!(row[1] >= 0 && row[2] <= side && row[3] >= 0 && row[4] <= side)) return false;
  }
  return true;
}

// What a row asks for must be within its source: nothing beyond it is read.
bool IsWithin(const double* plan, const std::vector<Source>& sources, int side) {
  if (!(plan[kSource] >= 0 && plan[kSource] < sources.size())) return false;
  if (!(plan[kWidth] >= 1 && plan[kHeight] >= 1 && plan[kLeft] >= 0 && plan[kTop] >= 0 &&
        plan[kBoxWidth] >= 1 && plan[kBoxHeight] >= 1 &&
        plan[kLeft] + plan[kBoxWidth] <= plan[kWidth] &&
        plan[kTop] + plan[kBoxHeight] <= plan[kHeight] &&
        plan[kDistortionCount] >= 0 && plan[kDistortionCount] <= kDistortionsMax &&
        AreBoxesWithin(plan, side))) {
    return false;
  }
  const Source& source = sources[static_cast<size_t>(plan[kSource])];
  if (source.data == nullptr) return plan[kIsEncoded] != 0 && plan[kOffset] >= 0;
  const double bytes = plan[kIsEncoded] != 0
                           ? plan[kLength]
                           : plan[kWidth] * plan[kHeight] * plan[kChannels] + kReadBeyond;
  return plan[kOffset] >= 0 && plan[kOffset] + bytes <= static_cast<double>(source.size);
}

// render(renderer, plans, sources, side, filter, output)
napi_value RenderCall(napi_env env, napi_callback_info info) {
  napi_value args[6];
  Bytes plans, output;
  if (!GetArguments(env, info, 6, args)) return nullptr;
  Renderer* renderer = Unbox<Renderer>(env, args[0]);
  auto call = std::make_unique<Call>();
  RenderJob& job = *call->job;
  size_t numbers = 0;
  if (napi_get_typedarray_info(env, args[1], nullptr, &numbers, &plans.data, nullptr, nullptr) !=
          napi_ok ||
      !GetSources(env, args[2], call.get()) || !GetTypedArray(env, args[5], &output)) {
    return nullptr;
  }
  job.plans = static_cast<const double*>(plans.data);
  job.count = static_cast<int>(numbers / kPlanStride);
  job.settings = {static_cast<int>(GetNumber(env, args[3])),
                  static_cast<Filter>(static_cast<int>(GetNumber(env, args[4])))};
  job.output = static_cast<uint8_t*>(output.data);
  const int side = job.settings.side;
  bool is_valid = side >= 1 && side <= kSideMax && job.count >= 1 &&
                  output.size == static_cast<size_t>(job.count) * side * side * 3;
  for (int i = 0; is_valid && i < job.count; i++) {
    is_valid = IsWithin(job.plans + static_cast<size_t>(i) * kPlanStride, job.sources, side);
  }
  if (!is_valid) {
    Throw(env, "a plan does not fit its sources or its output");
    return nullptr;
  }
  call->references.Keep(env, args[1]);
  call->references.Keep(env, args[5]);
  napi_value promise;
  napi_create_promise(env, &call->deferred, &promise);
  if (renderer->calls++ == 0) napi_ref_threadsafe_function(env, renderer->settle);
  Call* raw = call.release();
  raw->job->on_done = [renderer, raw] {
    napi_call_threadsafe_function(renderer->settle, raw, napi_tsfn_nonblocking);
  };
  renderer->pool.Add(raw->job);
  return promise;
}

// stageSeconds(renderer): an array in the order of Stage
napi_value StageSeconds(napi_env env, napi_callback_info info) {
  napi_value args[1], seconds;
  if (!GetArguments(env, info, 1, args)) return nullptr;
  const StageNanoseconds spent = Unbox<Renderer>(env, args[0])->pool.Spent();
  napi_create_array_with_length(env, kStageCount, &seconds);
  for (int stage = 0; stage < kStageCount; stage++) {
    napi_value value;
    napi_create_double(env, spent[stage] * 1e-9, &value);
    napi_set_element(env, seconds, stage, value);
  }
  return seconds;
}

}  // namespace
}  // namespace crescendo

NAPI_MODULE_INIT() {
  crescendo::Export(env, exports, "createRenderer", crescendo::CreateRenderer);
  crescendo::Export(env, exports, "render", crescendo::RenderCall);
  crescendo::Export(env, exports, "stageSeconds", crescendo::StageSeconds);
  crescendo::Export(env, exports, "mapFile", crescendo::MapFile);
  return exports;
}
