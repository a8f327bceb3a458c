// Versions of the CUDA libraries that TensorFlow has loaded into this process.
#include "gpu_libraries.h"

#include <dlfcn.h>

#include "napi_support.h"

namespace crescendo {
namespace {

// A function of a library that is loaded already; null when it is not.
template <typename Function>
Function LoadedFunction(const char* library, const char* name) {
  void* const handle = dlopen(library, RTLD_LAZY | RTLD_NOLOAD);
  if (handle == nullptr) return nullptr;
  const auto function = reinterpret_cast<Function>(dlsym(handle, name));
  dlclose(handle);  // Only gives back the handle: TensorFlow keeps the library.
  return function;
}

int CudaVersion(const char* name) {
  const auto read = LoadedFunction<int (*)(int*)>("libcudart.so.12", name);
  int version = 0;
  return read != nullptr && read(&version) == 0 ? version : 0;
}

}  // namespace

napi_value GpuLibraries(napi_env env, napi_callback_info) {
  const auto cudnn = LoadedFunction<size_t (*)()>("libcudnn.so.9", "cudnnGetVersion");
  napi_value versions;
  napi_create_object(env, &versions);
  SetNumber(env, versions, "cudaRuntime", CudaVersion("cudaRuntimeGetVersion"));
  SetNumber(env, versions, "cudaDriver", CudaVersion("cudaDriverGetVersion"));
  SetNumber(env, versions, "cudnn", cudnn == nullptr ? 0 : static_cast<double>(cudnn()));
  return versions;
}

}  // namespace crescendo
