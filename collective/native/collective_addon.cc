// Kernels of the exchange for JavaScript, apart from TensorFlow: the networking thread loads these
// alone. All run on the calling thread and give out no memory.
#include "vector_kernels.h"

NAPI_MODULE_INIT() {
  crescendo::ExportVectorKernels(env, exports);
  return exports;
}
