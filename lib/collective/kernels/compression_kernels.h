#ifndef CRESCENDO_COMPRESSION_KERNELS_H_
#define CRESCENDO_COMPRESSION_KERNELS_H_

#include <node_api.h>

namespace crescendo {

void ExportCompressionKernels(napi_env env, napi_value exports);

}  // namespace crescendo

#endif
