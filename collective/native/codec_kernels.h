#ifndef CRESCENDO_CODEC_KERNELS_H_
#define CRESCENDO_CODEC_KERNELS_H_

#include <node_api.h>

namespace crescendo {

void ExportCodecKernels(napi_env env, napi_value exports);

}  // namespace crescendo

#endif
