// Graphs and sessions of TensorFlow's C API for JavaScript, beside tfjs's own eager binding: a graph
// is built in memory, and a session runs off the JavaScript thread, reading feeds in place and
// copying fetches straight to their destination. Optimiser updates are in update.cc.
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

#include "checkpoint.h"
#include "gpu_libraries.h"
#include "kernels.h"
#include "napi_support.h"
#include "out_of_memory.h"
#include "parallel.h"
#include "tensorflow/c/c_api.h"
#include "tensorflow_status.h"
#include "update.h"

namespace crescendo {

// A graph with its outputs numbered from 0 in the order they were made.
struct Graph {
  TF_Graph* graph = TF_NewGraph();
  std::vector<TF_Output> outputs;
  std::vector<TF_Operation*> operations;
  ~Graph() { TF_DeleteGraph(graph); }
};

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

using GraphBox = std::shared_ptr<Graph>;
using SessionBox = std::shared_ptr<Session>;

napi_value CreateGraph(napi_env env, napi_callback_info) {
  return MakeExternal(env, new GraphBox(std::make_shared<Graph>()));
}

// One output as JavaScript sees it: { id, dtype, shape }.
napi_value DescribeOutput(napi_env env, Graph& graph, TF_Output output) {
  Status status;
  const int dims = TF_GraphGetTensorNumDims(graph.graph, output, status.get());
  if (status.Throw(env, "the shape of an output")) return nullptr;
  std::vector<int64_t> shape(dims > 0 ? dims : 0);
  if (dims > 0) {
    TF_GraphGetTensorShape(graph.graph, output, shape.data(), dims, status.get());
    if (status.Throw(env, "the shape of an output")) return nullptr;
  }
  graph.outputs.push_back(output);
  napi_value result;
  napi_create_object(env, &result);
  SetNumber(env, result, "id", static_cast<double>(graph.outputs.size() - 1));
  SetNumber(env, result, "dtype", TF_OperationOutputType(output));
  napi_value dimensions;
  napi_create_array_with_length(env, shape.size(), &dimensions);
  for (size_t i = 0; i < shape.size(); i++) {
    napi_value value;
    napi_create_int64(env, shape[i], &value);
    napi_set_element(env, dimensions, static_cast<uint32_t>(i), value);
  }
  napi_set_named_property(env, result, "shape", dimensions);
  if (dims < 0) SetNumber(env, result, "rank", -1);
  return result;
}

// Sets { name, type, value } as tfjs gives it; `type` is a TF_AttrType, arrays are lists or shapes.
bool SetAttribute(napi_env env, TF_OperationDescription* description, napi_value attribute) {
  const std::string name = GetString(env, GetProperty(env, attribute, "name"));
  const int type = static_cast<int>(GetNumber(env, GetProperty(env, attribute, "type")));
  const napi_value value = GetProperty(env, attribute, "value");
  const bool is_list = IsArray(env, value);
  const std::vector<double> numbers = is_list ? GetNumbers(env, value) : std::vector<double>();
  switch (type) {
    case TF_ATTR_STRING: {
      const std::string text = GetString(env, value);
      TF_SetAttrString(description, name.c_str(), text.data(), text.size());
      return true;
    }
    case TF_ATTR_INT:
      if (is_list) {
        const std::vector<int64_t> values(numbers.begin(), numbers.end());
        TF_SetAttrIntList(description, name.c_str(), values.data(), values.size());
      } else {
        TF_SetAttrInt(description, name.c_str(), static_cast<int64_t>(GetNumber(env, value)));
      }
      return true;
    case TF_ATTR_FLOAT:
      TF_SetAttrFloat(description, name.c_str(), static_cast<float>(GetNumber(env, value)));
      return true;
    case TF_ATTR_BOOL:
      TF_SetAttrBool(description, name.c_str(), GetBool(env, value) ? 1 : 0);
      return true;
    case TF_ATTR_TYPE:
      TF_SetAttrType(description, name.c_str(), static_cast<TF_DataType>(GetNumber(env, value)));
      return true;
    case TF_ATTR_SHAPE: {
      const std::vector<int64_t> dims(numbers.begin(), numbers.end());
      TF_SetAttrShape(description, name.c_str(), dims.data(), static_cast<int>(dims.size()));
      return true;
    }
    default:
      Throw(env, "attribute " + name + " has type " + std::to_string(type) + ", which is unknown");
      return false;
  }
}

bool OutputOf(napi_env env, const Graph& graph, double id, TF_Output* output) {
  if (!(id >= 0 && id < static_cast<double>(graph.outputs.size()))) {
    Throw(env, "output " + std::to_string(id) + " is not of this graph");
    return false;
  }
  *output = graph.outputs[static_cast<size_t>(id)];
  return true;
}

// addOperation(graph, op, attributes, inputs): inputs are ids, or arrays of ids for list inputs.
napi_value AddOperation(napi_env env, napi_callback_info info) {
  napi_value args[4];
  if (!GetArguments(env, info, 4, args)) return nullptr;
  Graph& graph = **Unbox<GraphBox>(env, args[0]);
  const std::string op = GetString(env, args[1]);
  const std::string name = "n" + std::to_string(graph.operations.size());
  TF_OperationDescription* description = TF_NewOperation(graph.graph, op.c_str(), name.c_str());
  Status status;
  bool is_right = true;
  for (const napi_value attribute : GetElements(env, args[2])) {
    is_right = is_right && SetAttribute(env, description, attribute);
  }
  for (const napi_value input : GetElements(env, args[3])) {
    if (!is_right) break;
    const bool is_list = IsArray(env, input);
    std::vector<TF_Output> sources;
    const auto ids = is_list ? GetNumbers(env, input) : std::vector<double>{GetNumber(env, input)};
    for (const double id : ids) {
      TF_Output source;
      is_right = is_right && OutputOf(env, graph, id, &source);
      if (is_right) sources.push_back(source);
    }
    if (!is_right) break;
    if (is_list) {
      TF_AddInputList(description, sources.data(), static_cast<int>(sources.size()));
    } else {
      TF_AddInput(description, sources[0]);
    }
  }
  // Also after an error: a description that was begun must be finished.
  TF_Operation* operation = TF_FinishOperation(description, status.get());
  if (!is_right || status.Throw(env, "operation " + op)) return nullptr;
  graph.operations.push_back(operation);
  napi_value outputs;
  napi_create_array(env, &outputs);
  for (int index = 0; index < TF_OperationNumOutputs(operation); index++) {
    const napi_value output = DescribeOutput(env, graph, {operation, index});
    if (output == nullptr) return nullptr;
    napi_set_element(env, outputs, static_cast<uint32_t>(index), output);
  }
  return outputs;
}

// addConstant(graph, dtype, shape, values): values are copied.
napi_value AddConstant(napi_env env, napi_callback_info info) {
  napi_value args[4];
  if (!GetArguments(env, info, 4, args)) return nullptr;
  Graph& graph = **Unbox<GraphBox>(env, args[0]);
  const auto dtype = static_cast<TF_DataType>(GetNumber(env, args[1]));
  const std::vector<double> numbers = GetNumbers(env, args[2]);
  const std::vector<int64_t> shape(numbers.begin(), numbers.end());
  Bytes values;
  if (!GetTypedArray(env, args[3], &values)) return nullptr;
  size_t bytes = TF_DataTypeSize(dtype);
  for (const int64_t size : shape) bytes *= static_cast<size_t>(size);
  if (bytes != values.size) {
    Throw(env, "a constant of " + std::to_string(bytes) + " bytes was given " +
                   std::to_string(values.size));
    return nullptr;
  }
  TF_Tensor* tensor =
      TF_AllocateTensor(dtype, shape.data(), static_cast<int>(shape.size()), bytes);
  if (TF_TensorData(tensor) == nullptr && bytes > 0) {
    TF_DeleteTensor(tensor);
    ThrowForMemory(env, bytes);
    return nullptr;
  }
  std::memcpy(TF_TensorData(tensor), values.data, bytes);
  const std::string name = "n" + std::to_string(graph.operations.size());
  TF_OperationDescription* description = TF_NewOperation(graph.graph, "Const", name.c_str());
  Status status;
  TF_SetAttrType(description, "dtype", dtype);
  TF_SetAttrTensor(description, "value", tensor, status.get());
  TF_DeleteTensor(tensor);
  TF_Operation* operation = TF_FinishOperation(description, status.get());
  if (status.Throw(env, "a constant")) return nullptr;
  graph.operations.push_back(operation);
  return DescribeOutput(env, graph, {operation, 0});
}

// graphDef(graph): a serialized GraphDef, whose nodes are named as outputName says.
napi_value SerializeGraph(napi_env env, napi_callback_info info) {
  napi_value args[1];
  if (!GetArguments(env, info, 1, args)) return nullptr;
  Status status;
  TF_Buffer* const buffer = TF_NewBuffer();
  TF_GraphToGraphDef((*Unbox<GraphBox>(env, args[0]))->graph, buffer, status.get());
  napi_value bytes = nullptr;
  if (!status.Throw(env, "the graph")) {
    napi_create_buffer_copy(env, buffer->length, buffer->data, nullptr, &bytes);
  }
  TF_DeleteBuffer(buffer);
  return bytes;
}

// outputName(graph, id): such as `n12:0`.
napi_value OutputName(napi_env env, napi_callback_info info) {
  napi_value args[2];
  if (!GetArguments(env, info, 2, args)) return nullptr;
  TF_Output output;
  if (!OutputOf(env, **Unbox<GraphBox>(env, args[0]), GetNumber(env, args[1]), &output)) {
    return nullptr;
  }
  const std::string name =
      std::string(TF_OperationName(output.oper)) + ":" + std::to_string(output.index);
  napi_value text;
  napi_create_string_utf8(env, name.data(), name.size(), &text);
  return text;
}

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
  // RunOptions { trace_level: FULL_TRACE }
  const uint8_t full_trace[] = {1 * 8 + 0, 3};
  TF_Buffer options{full_trace, sizeof full_trace, nullptr};
  TF_SessionRun(run.session->session, run.metadata == nullptr ? nullptr : &options,
                run.inputs.data(), run.feeds.data(),
                static_cast<int>(run.feeds.size()), run.outputs.data(), results.data(),
                static_cast<int>(run.outputs.size()), nullptr, 0, run.metadata, run.status.get());
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
      napi_get_boolean(env, run->is_finite, &result);
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

// run(session, feeds, fetches, isTraced): feeds are { id, shape, values }, fetches { id, values }.
// @returns a promise of whether all fetched floats are finite; traced, of the RunMetadata's bytes
napi_value RunSession(napi_env env, napi_callback_info info) {
  napi_value args[4];
  if (!GetArguments(env, info, 4, args)) return nullptr;
  auto run = std::make_unique<Run>();
  bool is_traced = false;
  napi_get_value_bool(env, args[3], &is_traced);
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
  return StartWork(env, "crescendo run", ExecuteRun, CompleteRun, std::move(run));
}

// allocate(elements): a zeroed Float32Array aligned as TensorFlow wants it, so feeds are not copied.
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
  Export(env, exports, "createGraph", CreateGraph);
  Export(env, exports, "addOperation", AddOperation);
  Export(env, exports, "addConstant", AddConstant);
  Export(env, exports, "graphDef", SerializeGraph);
  Export(env, exports, "outputName", OutputName);
  Export(env, exports, "createSession", CreateSession);
  Export(env, exports, "closeSession", CloseSession);
  Export(env, exports, "run", RunSession);
  Export(env, exports, "update", UpdateWeights);
  Export(env, exports, "gpuLibraries", GpuLibraries);
  ExportCheckpoint(env, exports);
  return exports;
}

}  // namespace crescendo

NAPI_MODULE_INIT() { return crescendo::Init(env, exports); }
