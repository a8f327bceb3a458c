#ifndef CRESCENDO_GPU_LIBRARIES_H_
#define CRESCENDO_GPU_LIBRARIES_H_
#include <node_api.h>

namespace crescendo {

// gpuLibraries(): { cudaRuntime, cudaDriver, cudnn } as the libraries number their versions; 0 for
// one that is not loaded.
napi_value GpuLibraries(napi_env env, napi_callback_info info);

}  // namespace crescendo

#endif
