// Short forms of Node-API calls. Callers check with JavaScript types first: TypeScript calls these.
#pragma once
#include <node_api.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace crescendo {

struct Bytes {
  void* data = nullptr;
  size_t size = 0;
};

inline napi_value MakeError(napi_env env, const std::string& text) {
  napi_value message, error;
  napi_create_string_utf8(env, text.data(), text.size(), &message);
  napi_create_error(env, nullptr, message, &error);
  return error;
}

inline void Throw(napi_env env, const std::string& text) {
  napi_throw_error(env, nullptr, text.c_str());
}

// An error like that of a run for which TensorFlow finds no memory.
inline void ThrowForMemory(napi_env env, size_t bytes) {
  const std::string text = "no memory for " + std::to_string(bytes) + " bytes";
  napi_throw_error(env, "RESOURCE_EXHAUSTED", text.c_str());
}

template <typename T>
napi_value MakeExternal(napi_env env, T* value) {
  napi_value external;
  napi_create_external(
      env, value, [](napi_env, void* data, void*) { delete static_cast<T*>(data); }, nullptr,
      &external);
  return external;
}

template <typename T>
T* Unbox(napi_env env, napi_value external) {
  void* data = nullptr;
  napi_get_value_external(env, external, &data);
  return static_cast<T*>(data);
}

inline bool GetArguments(napi_env env, napi_callback_info info, size_t count, napi_value* args) {
  size_t given = count;
  napi_get_cb_info(env, info, &given, args, nullptr, nullptr);
  if (given >= count) return true;
  Throw(env, "expected " + std::to_string(count) + " arguments, got " + std::to_string(given));
  return false;
}

inline napi_value GetProperty(napi_env env, napi_value object, const char* name) {
  napi_value value = nullptr;
  napi_get_named_property(env, object, name, &value);
  return value;
}

inline double GetNumber(napi_env env, napi_value value) {
  double number = 0;
  napi_get_value_double(env, value, &number);
  return number;
}

inline bool GetBool(napi_env env, napi_value value) {
  napi_value coerced;
  bool result = false;
  napi_coerce_to_bool(env, value, &coerced);
  napi_get_value_bool(env, coerced, &result);
  return result;
}

inline std::string GetString(napi_env env, napi_value value) {
  size_t length = 0;
  napi_get_value_string_utf8(env, value, nullptr, 0, &length);
  std::string text(length, '\0');
  napi_get_value_string_utf8(env, value, &text[0], length + 1, &length);
  return text;
}

inline bool IsArray(napi_env env, napi_value value) {
  bool is_array = false;
  napi_is_array(env, value, &is_array);
  return is_array;
}

inline std::vector<napi_value> GetElements(napi_env env, napi_value array) {
  uint32_t length = 0;
  napi_get_array_length(env, array, &length);
  std::vector<napi_value> elements(length);
  for (uint32_t i = 0; i < length; i++) napi_get_element(env, array, i, &elements[i]);
  return elements;
}

inline std::vector<double> GetNumbers(napi_env env, napi_value array) {
  std::vector<double> numbers;
  for (const napi_value element : GetElements(env, array)) {
    numbers.push_back(GetNumber(env, element));
  }
  return numbers;
}

inline bool GetTypedArray(napi_env env, napi_value value, Bytes* bytes) {
  napi_typedarray_type type;
  size_t length = 0;
  if (napi_get_typedarray_info(env, value, &type, &length, &bytes->data, nullptr, nullptr) !=
      napi_ok) {
    Throw(env, "expected a typed array");
    return false;
  }
  const bool is_byte = type == napi_uint8_array || type == napi_int8_array;
  bytes->size = length * (is_byte ? 1 : 4);
  return true;
}

inline void SetNumber(napi_env env, napi_value object, const char* name, double number) {
  napi_value value;
  napi_create_double(env, number, &value);
  napi_set_named_property(env, object, name, value);
}

inline void Export(napi_env env, napi_value exports, const char* name, napi_callback function) {
  napi_value value;
  napi_create_function(env, name, NAPI_AUTO_LENGTH, function, nullptr, &value);
  napi_set_named_property(env, exports, name, value);
}

// Values that the garbage collector must leave; made, filled and ended on the JavaScript thread.
class References {
 public:
  References() = default;
  References(const References&) = delete;
  ~References() {
    for (const napi_ref reference : references_) napi_delete_reference(env_, reference);
  }
  void Keep(napi_env env, napi_value value) {
    env_ = env;
    napi_ref reference;
    napi_create_reference(env, value, 1, &reference);
    references_.push_back(reference);
  }

 private:
  napi_env env_ = nullptr;
  std::vector<napi_ref> references_;
};

// Queues work off the JavaScript thread; T has `deferred` and `work`. @returns its promise
template <typename T>
napi_value StartWork(napi_env env, const char* name, napi_async_execute_callback execute,
                     napi_async_complete_callback complete, std::unique_ptr<T> task) {
  napi_value promise, label;
  napi_create_promise(env, &task->deferred, &promise);
  napi_create_string_utf8(env, name, NAPI_AUTO_LENGTH, &label);
  napi_create_async_work(env, nullptr, label, execute, complete, task.get(), &task->work);
  napi_queue_async_work(env, task.release()->work);
  return promise;
}

}  // namespace crescendo
