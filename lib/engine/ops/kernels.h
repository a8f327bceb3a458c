// The project's own TensorFlow ops; each is registered once per process.
#ifndef CRESCENDO_KERNELS_H_
#define CRESCENDO_KERNELS_H_

namespace crescendo {

void RegisterAccumulate();
void RegisterAttention();
void RegisterBatchNorm();
void RegisterBias();
void RegisterDepthwise();
void RegisterGate();
void RegisterLayerNorm();

inline void RegisterKernels() {
  RegisterAccumulate();
  RegisterAttention();
  RegisterBatchNorm();
  RegisterBias();
  RegisterDepthwise();
  RegisterGate();
  RegisterLayerNorm();
}

}  // namespace crescendo

#endif
