#ifndef CRESCENDO_VECTOR_KERNELS_H_
#define CRESCENDO_VECTOR_KERNELS_H_

#include <node_api.h>

namespace crescendo {

void ExportVectorKernels(napi_env env, napi_value exports);

}  // namespace crescendo

#endif
