// Kernels of the all-reduce for JavaScript, without TensorFlow: the networking thread loads only
// these. All run on the calling thread and return no memory.
#include "compression_kernels.h"
#include "update_step.h"
#include "vector_kernels.h"

NAPI_MODULE_INIT() {
  crescendo::ExportVectorKernels(env, exports);
  crescendo::ExportCompressionKernels(env, exports);
  crescendo::ExportUpdateStep(env, exports);
  return exports;
}
