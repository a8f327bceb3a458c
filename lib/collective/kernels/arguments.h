// Typed arrays that JavaScript gives, checked, so that a wrong call throws instead of writing to
// memory that is not its own. They may lie on SharedArrayBuffers.
#ifndef CRESCENDO_ARGUMENTS_H_
#define CRESCENDO_ARGUMENTS_H_

#include <string>

#include "napi_support.h"

namespace crescendo {

template <typename T>
struct Span {
  T* data = nullptr;
  size_t length = 0;
};

template <typename T>
bool GetSpan(napi_env env, napi_value value, napi_typedarray_type wanted, const char* name,
             Span<T>* span) {
  napi_typedarray_type type;
  void* data = nullptr;
  const napi_status status =
      napi_get_typedarray_info(env, value, &type, &span->length, &data, nullptr, nullptr);
  if (status != napi_ok || type != wanted) {
    Throw(env, std::string(name) + " is not a typed array of the expected kind");
    return false;
  }
  span->data = static_cast<T*>(data);
  return true;
}

inline bool GetFloats(napi_env env, napi_value value, const char* name, Span<float>* span) {
  return GetSpan(env, value, napi_float32_array, name, span);
}

inline bool GetBytes(napi_env env, napi_value value, const char* name, Span<uint8_t>* span) {
  return GetSpan(env, value, napi_uint8_array, name, span);
}

// Throws in JavaScript unless `length` is `expected`. @returns whether it is
inline bool RequireLength(napi_env env, const char* name, size_t length, size_t expected) {
  if (length == expected) return true;
  Throw(env, std::string(name) + " has " + std::to_string(length) + " elements, expected " +
                 std::to_string(expected));
  return false;
}

}  // namespace crescendo

#endif
