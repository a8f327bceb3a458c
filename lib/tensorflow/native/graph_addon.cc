// Graphs and sessions of TensorFlow's C API for JavaScript, beside tfjs's own eager binding: a
// graph is built in memory, and a session runs off the JavaScript thread, reading feeds in place
// and copying fetches straight to their destination. Optimizer updates are in update.cc.
#include <node_api.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "accumulate.h"
#include "checkpoint.h"
#include "gpu_libraries.h"
#include "graph.h"
#include "kernels.h"
#include "masks.h"
#include "napi_support.h"
#include "out_of_memory.h"
#include "parallel.h"
#include "tensorflow/c/c_api.h"
#include "tensorflow_status.h"
#include "update.h"

namespace crescendo {

struct Session {
  std::shared_ptr<Graph> graph;
  TF_Session* session = nullptr;
  // Runs in flight, so that closing waits for none: JavaScript closes between runs.
  ~Session() { Close(); }
  void Close() {
    if (session == nullptr) return;
    Status status;
    TF_CloseSession(session, status.get());
    TF_DeleteSession(session, status.get());
    session = nullptr;
  }
};

using SessionBox = std::shared_ptr<Session>;

// createSession(graph, config): config is a serialized ConfigProto.
napi_value CreateSession(napi_env env, napi_callback_info info) {
  napi_value args[2];
  if (!GetArguments(env, info, 2, args)) return nullptr;
  Bytes config;
  if (!GetTypedArray(env, args[1], &config)) return nullptr;
  Status status;
  TF_SessionOptions* options = TF_NewSessionOptions();
  TF_SetConfig(options, config.data, config.size, status.get());
  auto session = std::make_shared<Session>();
  session->graph = *Unbox<GraphBox>(env, args[0]);
  if (status.IsOk()) {
    session->session = TF_NewSession(session->graph->graph, options, status.get());
  }
  TF_DeleteSessionOptions(options);
  if (status.Throw(env, "a session")) return nullptr;
  return MakeExternal(env, new SessionBox(session));
}

napi_value CloseSession(napi_env env, napi_callback_info info) {
  napi_value args[1];
  if (!GetArguments(env, info, 1, args)) return nullptr;
  (*Unbox<SessionBox>(env, args[0]))->Close();
  return nullptr;
}

// A run under way. Feeds are read in place: JavaScript must not change them until it is done.
struct Run {
  SessionBox session;
  std::vector<TF_Output> inputs;
  std::vector<TF_Tensor*> feeds;
  std::vector<TF_Output> outputs;
  std::vector<Bytes> destinations;
  References references;
  Status status;
  std::string error;
  bool is_finite = true;
  // Null where the graph has no gradients to accumulate.
  std::unique_ptr<Accumulation> accumulation;
  // RunMetadata of a traced run, else null.
  TF_Buffer* metadata = nullptr;
  napi_deferred deferred = nullptr;
  napi_async_work work = nullptr;
  ~Run() {
    for (TF_Tensor* feed : feeds) TF_DeleteTensor(feed);
    if (metadata != nullptr) TF_DeleteBuffer(metadata);
  }
};

// Elements that one thread copies at a time.
constexpr size_t kCopyElements = 1 << 18;

// Whether all values are finite: an exponent of all ones means infinity or NaN.
bool CopyFinite(uint32_t* to, const uint32_t* from, size_t count) {
  uint32_t found = 0;
  for (size_t i = 0; i < count; i++) {
    const uint32_t bits = from[i];
    to[i] = bits;
    found |= static_cast<uint32_t>((bits & 0x7f800000u) == 0x7f800000u);
  }
  return found == 0;
}

struct Piece {
  uint32_t* to;
  const uint32_t* from;
  size_t count;
};

void CopyResults(Run& run, const std::vector<TF_Tensor*>& results) {
  std::vector<Piece> pieces;
  for (size_t i = 0; i < results.size(); i++) {
    const Bytes to = run.destinations[i];
    const size_t bytes = TF_TensorByteSize(results[i]);
    if (bytes != to.size) {
      run.error = "fetch " + std::to_string(i) + " has " + std::to_string(bytes) +
                  " bytes, its destination " + std::to_string(to.size);
      return;
    }
    const void* from = TF_TensorData(results[i]);
    if (TF_TensorType(results[i]) != TF_FLOAT) {
      std::memcpy(to.data, from, bytes);
      continue;
    }
    for (size_t begin = 0; begin < bytes / 4; begin += kCopyElements) {
      pieces.push_back({static_cast<uint32_t*>(to.data) + begin,
                        static_cast<const uint32_t*>(from) + begin,
                        std::min(kCopyElements, bytes / 4 - begin)});
    }
  }
  std::atomic<bool> is_finite{true};
  InParallel(static_cast<int64_t>(pieces.size()), [&](int64_t i) {
    const Piece& piece = pieces[i];
    if (!CopyFinite(piece.to, piece.from, piece.count)) is_finite.store(false);
  });
  run.is_finite = is_finite.load();
}

void ExecuteRun(napi_env, void* data) {
  Run& run = *static_cast<Run*>(data);
  std::vector<TF_Tensor*> results(run.outputs.size(), nullptr);
  // RunOptions { inter_op_thread_pool: -1, trace_level: FULL_TRACE or NO_TRACE }: all ops on this
  // thread, in the order in which they become ready. With a pool of one thread the gradients' ops,
  // of which nothing waits, would come after all others, and none would leave before the end.
  const uint8_t trace_level = run.metadata == nullptr ? 0 : 3;
  const uint8_t run_options[] = {3 * 8, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1,
                                 1 * 8, trace_level};
  TF_Buffer options{run_options, sizeof run_options, nullptr};
  const auto& targets = run.session->graph->targets;
  if (run.accumulation != nullptr) run.accumulation->Begin();
  TF_SessionRun(run.session->session, &options,
                run.inputs.data(), run.feeds.data(), static_cast<int>(run.feeds.size()),
                run.outputs.data(), results.data(), static_cast<int>(run.outputs.size()),
                targets.data(), static_cast<int>(targets.size()), run.metadata, run.status.get());
  if (run.accumulation != nullptr) run.accumulation->End();
  if (run.status.IsOk()) CopyResults(run, results);
  for (TF_Tensor* result : results) {
    if (result != nullptr) TF_DeleteTensor(result);
  }
}

void CompleteRun(napi_env env, napi_status, void* data) {
  std::unique_ptr<Run> run(static_cast<Run*>(data));
  napi_delete_async_work(env, run->work);
  if (run->status.IsOk() && run->error.empty()) {
    napi_value result;
    if (run->metadata == nullptr) {
      const bool are_gradients_finite =
          run->accumulation == nullptr || run->accumulation->IsFinite();
      napi_get_boolean(env, run->is_finite && are_gradients_finite, &result);
    } else {
      napi_create_buffer_copy(env, run->metadata->length, run->metadata->data, nullptr, &result);
    }
    napi_resolve_deferred(env, run->deferred, result);
    return;
  }
  const std::string text = run->error.empty() ? run->status.Message() : run->error;
  napi_value error = MakeError(env, text);
  if (TF_GetCode(run->status.get()) == TF_RESOURCE_EXHAUSTED) {
    napi_value code;
    napi_create_string_utf8(env, "RESOURCE_EXHAUSTED", NAPI_AUTO_LENGTH, &code);
    napi_set_named_property(env, error, "code", code);
  }
  napi_reject_deferred(env, run->deferred, error);
}

// What TensorFlow wants of a feed, else it copies it, and dies when it has no memory for that.
constexpr size_t kAlignment = 64;

// A feed that reads `bytes` in place where they are aligned; null after an error was thrown.
TF_Tensor* MakeFeed(napi_env env, TF_DataType dtype, const std::vector<int64_t>& shape,
                    const Bytes& bytes) {
  const auto rank = static_cast<int>(shape.size());
  if (reinterpret_cast<uintptr_t>(bytes.data) % kAlignment == 0) {
    return TF_NewTensor(dtype, shape.data(), rank, bytes.data, bytes.size,
                        [](void*, size_t, void*) {}, nullptr);
  }
  void* copy = std::aligned_alloc(kAlignment, (bytes.size + kAlignment) / kAlignment * kAlignment);
  if (copy == nullptr) {
    ThrowForMemory(env, bytes.size);
    return nullptr;
  }
  std::memcpy(copy, bytes.data, bytes.size);
  return TF_NewTensor(dtype, shape.data(), rank, copy, bytes.size,
                      [](void* memory, size_t, void*) { std::free(memory); }, nullptr);
}

// run(session, feeds, fetches, accumulation, isTraced): feeds are { id, shape, values }, fetches
// { id, values }; accumulation as in accumulate.h, or undefined.
// @returns a promise of whether all fetched floats are finite; traced, of the RunMetadata's bytes
napi_value RunSession(napi_env env, napi_callback_info info) {
  napi_value args[5];
  if (!GetArguments(env, info, 5, args)) return nullptr;
  auto run = std::make_unique<Run>();
  bool is_traced = false;
  napi_get_value_bool(env, args[4], &is_traced);
  if (is_traced) run->metadata = TF_NewBuffer();
  run->session = *Unbox<SessionBox>(env, args[0]);
  const Graph& graph = *run->session->graph;
  for (const napi_value feed : GetElements(env, args[1])) {
    TF_Output input;
    Bytes bytes;
    const napi_value values = GetProperty(env, feed, "values");
    if (!OutputOf(env, graph, GetNumber(env, GetProperty(env, feed, "id")), &input)) return nullptr;
    if (!GetTypedArray(env, values, &bytes)) return nullptr;
    const std::vector<double> numbers = GetNumbers(env, GetProperty(env, feed, "shape"));
    const std::vector<int64_t> shape(numbers.begin(), numbers.end());
    const TF_DataType dtype = TF_OperationOutputType(input);
    size_t expected = TF_DataTypeSize(dtype);
    for (const int64_t size : shape) expected *= static_cast<size_t>(size);
    if (expected != bytes.size) {
      Throw(env, "a feed of " + std::to_string(expected) + " bytes was given " +
                     std::to_string(bytes.size));
      return nullptr;
    }
    run->references.Keep(env, values);
    TF_Tensor* tensor = MakeFeed(env, dtype, shape, bytes);
    if (tensor == nullptr) return nullptr;
    run->inputs.push_back(input);
    run->feeds.push_back(tensor);
  }
  for (const napi_value fetch : GetElements(env, args[2])) {
    TF_Output output;
    Bytes bytes;
    const napi_value values = GetProperty(env, fetch, "values");
    if (!OutputOf(env, graph, GetNumber(env, GetProperty(env, fetch, "id")), &output)) {
      return nullptr;
    }
    if (!GetTypedArray(env, values, &bytes)) return nullptr;
    run->references.Keep(env, values);
    run->outputs.push_back(output);
    run->destinations.push_back(bytes);
  }
  napi_valuetype type;
  napi_typeof(env, args[3], &type);
  if (type == napi_object) {
    run->accumulation = std::make_unique<Accumulation>();
    if (!run->accumulation->Read(env, args[3], &run->references)) return nullptr;
  }
  return StartWork(env, "crescendo run", ExecuteRun, CompleteRun, std::move(run));
}

// allocate(elements): a zeroed Float32Array aligned as TensorFlow wants it, so feeds are not
// copied.
napi_value Allocate(napi_env env, napi_callback_info info) {
  napi_value args[1];
  if (!GetArguments(env, info, 1, args)) return nullptr;
  const auto elements = static_cast<size_t>(GetNumber(env, args[0]));
  const size_t bytes = (elements * 4 + kAlignment) / kAlignment * kAlignment;
  void* data = std::aligned_alloc(kAlignment, bytes);
  if (data == nullptr) {
    ThrowForMemory(env, bytes);
    return nullptr;
  }
  std::memset(data, 0, bytes);
  napi_value buffer, array;
  napi_create_external_arraybuffer(
      env, data, bytes, [](napi_env, void* memory, void*) { std::free(memory); }, nullptr, &buffer);
  napi_create_typedarray(env, napi_float32_array, elements, buffer, 0, &array);
  return array;
}

// setThreads(count): for the addon's own kernels and updates.
napi_value SetThreadCount(napi_env env, napi_callback_info info) {
  napi_value args[1];
  if (GetArguments(env, info, 1, args)) SetThreads(static_cast<int>(GetNumber(env, args[0])));
  return nullptr;
}

napi_value Init(napi_env env, napi_value exports) {
  static std::once_flag registered;
  std::call_once(registered, [] {
    DieWhenOutOfMemory();
    RegisterKernels();
  });
  Export(env, exports, "setThreads", SetThreadCount);
  Export(env, exports, "allocate", Allocate);
  ExportGraph(env, exports);
  Export(env, exports, "createSession", CreateSession);
  Export(env, exports, "closeSession", CloseSession);
  Export(env, exports, "run", RunSession);
  Export(env, exports, "drawRows", DrawRows);
  Export(env, exports, "update", UpdateWeights);
  Export(env, exports, "adoptWeights", AdoptWeights);
  Export(env, exports, "gpuLibraries", GpuLibraries);
  ExportCheckpoint(env, exports);
  return exports;
}

}  // namespace crescendo

NAPI_MODULE_INIT() { return crescendo::Init(env, exports); }
