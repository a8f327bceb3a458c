// The project's own TensorFlow ops; each is registered once per process.
#ifndef CRESCENDO_KERNELS_H_
#define CRESCENDO_KERNELS_H_

namespace crescendo {

void RegisterBatchNorm();
void RegisterDepthwise();
void RegisterGate();

inline void RegisterKernels() {
  RegisterBatchNorm();
  RegisterDepthwise();
  RegisterGate();
}

}  // namespace crescendo

#endif
