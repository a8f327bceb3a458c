// Kernels of the exchange for JavaScript, apart from TensorFlow: the networking thread loads these
// alone. All run on the calling thread and give out no memory.
#include "compression_kernels.h"
#include "update_step.h"
#include "vector_kernels.h"

NAPI_MODULE_INIT() {
  crescendo::ExportVectorKernels(env, exports);
  crescendo::ExportCompressionKernels(env, exports);
  crescendo::ExportUpdateStep(env, exports);
  return exports;
}
