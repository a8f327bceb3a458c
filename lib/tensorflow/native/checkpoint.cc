// Checkpoints of TensorFlow (PREFIX.index, PREFIX.data-*) by TensorFlow's own reader. It gives a
// tensor the memory that the file states, so callers compare shapes before they read.
#include "checkpoint.h"

#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include "napi_support.h"
#include "tensorflow/c/c_api.h"
#include "tensorflow/c/c_api_experimental.h"
#include "tensorflow_status.h"

namespace crescendo {
namespace {

struct Checkpoint {
  TF_CheckpointReader* reader = nullptr;
  ~Checkpoint() { Close(); }
  void Close() {
    if (reader != nullptr) TF_DeleteCheckpointReader(reader);
    reader = nullptr;
  }
};

// One variable as JavaScript sees it: { name, dtype, shape }; null after an error was thrown.
napi_value DescribeVariable(napi_env env, TF_CheckpointReader* reader, const char* name) {
  const int dims = TF_CheckpointReaderGetVariableNumDims(reader, name);
  std::vector<int64_t> shape(dims > 0 ? dims : 0);
  if (dims > 0) {
    Status status;
    TF_CheckpointReaderGetVariableShape(reader, name, shape.data(), dims, status.get());
    if (status.Throw(env, std::string("the shape of ") + name)) return nullptr;
  }
  napi_value variable, text, dimensions;
  napi_create_object(env, &variable);
  napi_create_string_utf8(env, name, NAPI_AUTO_LENGTH, &text);
  napi_set_named_property(env, variable, "name", text);
  SetNumber(env, variable, "dtype", TF_CheckpointReaderGetVariableDataType(reader, name));
  napi_create_array_with_length(env, shape.size(), &dimensions);
  for (size_t i = 0; i < shape.size(); i++) {
    napi_value size;
    napi_create_int64(env, shape[i], &size);
    napi_set_element(env, dimensions, static_cast<uint32_t>(i), size);
  }
  napi_set_named_property(env, variable, "shape", dimensions);
  return variable;
}

// openCheckpoint(prefix): { checkpoint, variables }
napi_value OpenCheckpoint(napi_env env, napi_callback_info info) {
  napi_value args[1];
  if (!GetArguments(env, info, 1, args)) return nullptr;
  Status status;
  auto checkpoint = std::make_unique<Checkpoint>();
  checkpoint->reader = TF_NewCheckpointReader(GetString(env, args[0]).c_str(), status.get());
  if (status.Throw(env, "the checkpoint")) return nullptr;
  napi_value variables;
  napi_create_array(env, &variables);
  const int count = TF_CheckpointReaderSize(checkpoint->reader);
  for (int i = 0; i < count; i++) {
    const char* name = TF_CheckpointReaderGetVariable(checkpoint->reader, i);
    const napi_value variable = DescribeVariable(env, checkpoint->reader, name);
    if (variable == nullptr) return nullptr;
    napi_set_element(env, variables, static_cast<uint32_t>(i), variable);
  }
  napi_value result;
  napi_create_object(env, &result);
  napi_set_named_property(env, result, "checkpoint", MakeExternal(env, checkpoint.release()));
  napi_set_named_property(env, result, "variables", variables);
  return result;
}

// readCheckpoint(checkpoint, name, values): copies a variable into `values`, of as many bytes.
napi_value ReadCheckpoint(napi_env env, napi_callback_info info) {
  napi_value args[3];
  if (!GetArguments(env, info, 3, args)) return nullptr;
  Bytes to;
  if (!GetTypedArray(env, args[2], &to)) return nullptr;
  TF_CheckpointReader* reader = Unbox<Checkpoint>(env, args[0])->reader;
  const std::string name = GetString(env, args[1]);
  if (reader == nullptr) {
    Throw(env, "the checkpoint is closed");
    return nullptr;
  }
  Status status;
  TF_Tensor* tensor = TF_CheckpointReaderGetTensor(reader, name.c_str(), status.get());
  if (status.Throw(env, name)) return nullptr;
  const size_t bytes = TF_TensorByteSize(tensor);
  if (bytes == to.size) std::memcpy(to.data, TF_TensorData(tensor), bytes);
  TF_DeleteTensor(tensor);
  if (bytes != to.size) {
    Throw(env, name + " has " + std::to_string(bytes) + " bytes, its destination " +
                   std::to_string(to.size));
  }
  return nullptr;
}

napi_value CloseCheckpoint(napi_env env, napi_callback_info info) {
  napi_value args[1];
  if (GetArguments(env, info, 1, args)) Unbox<Checkpoint>(env, args[0])->Close();
  return nullptr;
}

}  // namespace

void ExportCheckpoint(napi_env env, napi_value exports) {
  Export(env, exports, "openCheckpoint", OpenCheckpoint);
  Export(env, exports, "readCheckpoint", ReadCheckpoint);
  Export(env, exports, "closeCheckpoint", CloseCheckpoint);
}

}  // namespace crescendo
