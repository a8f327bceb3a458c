#include "graph.h"

#include <cstring>
#include <string>

#include "napi_support.h"
#include "tensorflow_status.h"

namespace crescendo {

std::atomic<int64_t> Graph::next_id{1};

bool OutputOf(napi_env env, const Graph& graph, double id, TF_Output* output) {
  if (!(id >= 0 && id < static_cast<double>(graph.outputs.size()))) {
    Throw(env, "output " + std::to_string(id) + " is not of this graph");
    return false;
  }
  *output = graph.outputs[static_cast<size_t>(id)];
  return true;
}

namespace {

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
  if (TF_OperationNumOutputs(operation) == 0) graph.targets.push_back(operation);
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

// graphId(graph): a number that no other graph of the process has.
napi_value GraphId(napi_env env, napi_callback_info info) {
  napi_value args[1], id = nullptr;
  if (!GetArguments(env, info, 1, args)) return nullptr;
  napi_create_int64(env, (*Unbox<GraphBox>(env, args[0]))->id, &id);
  return id;
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

}  // namespace

void ExportGraph(napi_env env, napi_value exports) {
  Export(env, exports, "createGraph", CreateGraph);
  Export(env, exports, "addOperation", AddOperation);
  Export(env, exports, "addConstant", AddConstant);
  Export(env, exports, "graphDef", SerializeGraph);
  Export(env, exports, "graphId", GraphId);
  Export(env, exports, "outputName", OutputName);
}

}  // namespace crescendo
