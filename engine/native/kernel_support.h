// TensorFlow's C interface for ops and kernels (tensorflow/c/kernels.h, ops.h) in a shorter form.
#ifndef CRESCENDO_KERNEL_SUPPORT_H_
#define CRESCENDO_KERNEL_SUPPORT_H_

#include <cstdint>
#include <cstdio>
#include <memory>
#include <new>
#include <utility>
#include <vector>

#include "tensorflow/c/kernels.h"
#include "tensorflow/c/ops.h"

namespace crescendo {

struct Input {
  const float* data = nullptr;
  std::vector<int64_t> dims;
  int64_t elements = 0;
};

// One computation: float inputs and outputs by index, until it ends.
class Kernel {
 public:
  explicit Kernel(TF_OpKernelContext* context) : context_(context), status_(TF_NewStatus()) {}
  ~Kernel() {
    if (!IsOk()) TF_OpKernelContext_Failure(context_, status_);
    for (TF_Tensor* tensor : tensors_) TF_DeleteTensor(tensor);
    TF_DeleteStatus(status_);
  }
  Kernel(const Kernel&) = delete;
  Kernel& operator=(const Kernel&) = delete;

  Input GetInput(int index) {
    TF_Tensor* tensor = nullptr;
    TF_GetInput(context_, index, &tensor, status_);
    Input input;
    if (!Keep(tensor)) return input;
    input.data = static_cast<const float*>(TF_TensorData(tensor));
    for (int i = 0; i < TF_NumDims(tensor); i++) input.dims.push_back(TF_Dim(tensor, i));
    input.elements = TF_TensorElementCount(tensor);
    return input;
  }

  // Null when there is no memory; IsOk() says so.
  float* Allocate(int index, const std::vector<int64_t>& dims) {
    size_t bytes = sizeof(float);
    for (const int64_t size : dims) bytes *= static_cast<size_t>(size);
    return DataOf(TF_AllocateOutput(context_, index, TF_FLOAT, dims.data(),
                                    static_cast<int>(dims.size()), bytes, status_));
  }

  // Takes over the memory of an input that nobody else needs, where it can.
  float* ForwardOrAllocate(int input, int index, const std::vector<int64_t>& dims) {
    int forwarded = -1;
    return DataOf(TF_ForwardInputOrAllocateOutput(context_, &input, 1, index, dims.data(),
                                                  static_cast<int>(dims.size()), &forwarded,
                                                  status_));
  }

  bool IsOk() const { return TF_GetCode(status_) == TF_OK; }
  void Fail(const char* message) { TF_SetStatus(status_, TF_INVALID_ARGUMENT, message); }
  void FailForMemory() { TF_SetStatus(status_, TF_RESOURCE_EXHAUSTED, "no memory for sums"); }

 private:
  bool Keep(TF_Tensor* tensor) {
    if (tensor != nullptr) tensors_.push_back(tensor);
    return tensor != nullptr && IsOk();
  }
  float* DataOf(TF_Tensor* tensor) {
    return Keep(tensor) ? static_cast<float*>(TF_TensorData(tensor)) : nullptr;
  }

  TF_OpKernelContext* context_;
  TF_Status* status_;
  std::vector<TF_Tensor*> tensors_;
};

inline float GetFloatAttribute(TF_OpKernelConstruction* construction, const char* name) {
  float value = 0;
  TF_Status* status = TF_NewStatus();
  TF_OpKernelConstruction_GetAttrFloat(construction, name, &value, status);
  if (TF_GetCode(status) != TF_OK) TF_OpKernelConstruction_Failure(construction, status);
  TF_DeleteStatus(status);
  return value;
}

inline int GetIntAttribute(TF_OpKernelConstruction* construction, const char* name) {
  int64_t value = 0;
  TF_Status* status = TF_NewStatus();
  TF_OpKernelConstruction_GetAttrInt64(construction, name, &value, status);
  if (TF_GetCode(status) != TF_OK) TF_OpKernelConstruction_Failure(construction, status);
  TF_DeleteStatus(status);
  return static_cast<int>(value);
}

// Output i has the shape of the input whose index stands at place i.
template <int... kInputs>
void SetShapes(TF_ShapeInferenceContext* context, TF_Status* status) {
  int output = 0;
  for (const int input : {kInputs...}) {
    TF_ShapeHandle* handle = TF_NewShapeHandle();
    TF_ShapeInferenceContextGetInput(context, input, handle, status);
    if (TF_GetCode(status) == TF_OK) {
      TF_ShapeInferenceContextSetOutput(context, output++, handle, status);
    }
    TF_DeleteShapeHandle(handle);
  }
}

// The only output has the first input's shape, with each size passed through `resize(i, size)`.
template <typename Resize>
void SetShape(TF_ShapeInferenceContext* context, TF_Status* status, const Resize& resize) {
  TF_ShapeHandle* input = TF_NewShapeHandle();
  TF_ShapeInferenceContextGetInput(context, 0, input, status);
  TF_ShapeHandle* output = TF_ShapeInferenceContextVectorFromSize(context, 0);
  bool is_known = TF_GetCode(status) == TF_OK && TF_ShapeInferenceContextRankKnown(context, input);
  const int64_t rank = is_known ? TF_ShapeInferenceContextRank(context, input) : 0;
  for (int i = 0; i < rank && is_known; i++) {
    TF_DimensionHandle* dimension = TF_NewDimensionHandle();
    TF_ShapeInferenceContextDim(context, input, i, dimension);
    is_known = TF_DimensionHandleValueKnown(dimension) != 0;
    const int64_t size = is_known ? resize(i, TF_DimensionHandleValue(dimension)) : 0;
    TF_ShapeHandle* one = TF_ShapeInferenceContextVectorFromSize(context, size);
    if (i == 0) {
      std::swap(output, one);
    } else {
      TF_ShapeInferenceContextConcatenateShapes(context, output, one, output, status);
    }
    TF_DeleteShapeHandle(one);
    TF_DeleteDimensionHandle(dimension);
  }
  if (is_known) {
    TF_ShapeInferenceContextSetOutput(context, 0, output, status);
  } else {
    TF_ShapeInferenceContextSetUnknownShape(context, status);
  }
  TF_DeleteShapeHandle(output);
  TF_DeleteShapeHandle(input);
}

inline void ReportRegistration(const char* op, TF_Status* status) {
  if (TF_GetCode(status) != TF_OK) std::fprintf(stderr, "%s: %s\n", op, TF_Message(status));
  TF_DeleteStatus(status);
}

inline void RegisterOp(const char* op, std::vector<const char*> inputs,
                       std::vector<const char*> attributes, std::vector<const char*> outputs,
                       void (*set_shapes)(TF_ShapeInferenceContext*, TF_Status*)) {
  TF_OpDefinitionBuilder* builder = TF_NewOpDefinitionBuilder(op);
  for (const char* one : inputs) TF_OpDefinitionBuilderAddInput(builder, one);
  for (const char* one : attributes) TF_OpDefinitionBuilderAddAttr(builder, one);
  for (const char* one : outputs) TF_OpDefinitionBuilderAddOutput(builder, one);
  TF_OpDefinitionBuilderSetShapeInferenceFunction(builder, set_shapes);
  TF_Status* status = TF_NewStatus();
  TF_RegisterOpDefinition(builder, status);
  ReportRegistration(op, status);
}

// A kernel for processors; `create` makes the Attributes that `kCompute` is given.
template <typename Attributes, void (*kCompute)(const Attributes&, Kernel&)>
void RegisterKernel(const char* op, void* (*create)(TF_OpKernelConstruction*)) {
  TF_KernelBuilder* builder = TF_NewKernelBuilder(
      op, "CPU", create,
      [](void* attributes, TF_OpKernelContext* context) {
        Kernel kernel(context);
        try {
          kCompute(*static_cast<Attributes*>(attributes), kernel);
        } catch (const std::bad_alloc&) {
          kernel.FailForMemory();
        }
      },
      [](void* attributes) { delete static_cast<Attributes*>(attributes); });
  TF_Status* status = TF_NewStatus();
  TF_RegisterKernelBuilder(op, builder, status);
  ReportRegistration(op, status);
}

}  // namespace crescendo

#endif
