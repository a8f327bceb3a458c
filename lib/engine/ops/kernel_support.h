// TensorFlow's C interface for ops and kernels (tensorflow/c/kernels.h, ops.h) in a shorter form.
#ifndef CRESCENDO_KERNEL_SUPPORT_H_
#define CRESCENDO_KERNEL_SUPPORT_H_

#include <cstdint>
#include <cstdio>
#include <memory>
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

// One computation: float inputs and outputs by index, until it ends. The first failure counts: each
// call of TensorFlow sets its status anew, also to success.
//
// Nothing may throw through TensorFlow, which is compiled without the clean-up of exceptions: its
// locks would stay locked, and the next allocation would wait for ever.
class Kernel {
 public:
  explicit Kernel(TF_OpKernelContext* context)
      : context_(context), first_failure_(TF_NewStatus()), call_(TF_NewStatus()) {}
  ~Kernel() {
    if (!IsOk()) TF_OpKernelContext_Failure(context_, first_failure_);
    for (TF_Tensor* tensor : inputs_) TF_DeleteTensor(tensor);
    for (TF_Tensor* tensor : made_) TF_DeleteTensor(tensor);
    TF_DeleteStatus(call_);
    TF_DeleteStatus(first_failure_);
  }
  Kernel(const Kernel&) = delete;
  Kernel& operator=(const Kernel&) = delete;

  Input GetInput(int index) {
    TF_Tensor* tensor = nullptr;
    TF_GetInput(context_, index, &tensor, call_);
    if (static_cast<int>(inputs_.size()) <= index) inputs_.resize(index + 1, nullptr);
    inputs_[index] = tensor;
    Input input;
    if (!Succeeded() || tensor == nullptr) return input;
    input.data = static_cast<const float*>(TF_TensorData(tensor));
    for (int i = 0; i < TF_NumDims(tensor); i++) input.dims.push_back(TF_Dim(tensor, i));
    input.elements = TF_TensorElementCount(tensor);
    return input;
  }

  // Null when there is no memory; IsOk() says so. After a failure nothing is asked for any more:
  // TensorFlow waits ten seconds for memory before it says that there is none.
  float* Allocate(int index, const std::vector<int64_t>& dims) {
    if (!IsOk()) return nullptr;
    size_t bytes = sizeof(float);
    for (const int64_t size : dims) bytes *= static_cast<size_t>(size);
    return DataOf(TF_AllocateOutput(context_, index, TF_FLOAT, dims.data(),
                                    static_cast<int>(dims.size()), bytes, call_));
  }

  // Takes over the memory of an input that nobody else needs, where it can: what is written at a
  // place must come after the last read of the input there.
  float* ForwardOrAllocate(int input, int index, const std::vector<int64_t>& dims) {
    if (!IsOk()) return nullptr;
    // Our own reference would make us somebody else. The executor holds the input until we end.
    TF_DeleteTensor(std::exchange(inputs_[input], nullptr));
    int forwarded = -1;
    return DataOf(TF_ForwardInputOrAllocateOutput(context_, &input, 1, index, dims.data(),
                                                  static_cast<int>(dims.size()), &forwarded,
                                                  call_));
  }

  // Memory until the end of the computation, not zeroed; null as above. For what grows with the
  // input: a failure becomes an error, which that of a vector would not.
  float* AllocateScratch(int64_t elements) {
    if (!IsOk()) return nullptr;
    TF_AllocatorAttributes attributes{TF_ALLOCATOR_ATTRIBUTES_STRUCT_SIZE, 0};
    return DataOf(TF_AllocateTemp(context_, TF_FLOAT, &elements, 1, &attributes, call_));
  }

  // All calls so far.
  bool IsOk() const { return TF_GetCode(first_failure_) == TF_OK; }
  void Fail(const char* message) { Fail(TF_INVALID_ARGUMENT, message); }

 private:
  void Fail(TF_Code code, const char* message) {
    if (IsOk()) TF_SetStatus(first_failure_, code, message);
  }
  // Whether the last call succeeded.
  bool Succeeded() {
    if (TF_GetCode(call_) == TF_OK) return true;
    Fail(TF_GetCode(call_), TF_Message(call_));
    return false;
  }
  float* DataOf(TF_Tensor* tensor) {
    if (tensor != nullptr) made_.push_back(tensor);
    return Succeeded() && tensor != nullptr ? static_cast<float*>(TF_TensorData(tensor)) : nullptr;
  }

  TF_OpKernelContext* context_;
  TF_Status* first_failure_;
  TF_Status* call_;
  std::vector<TF_Tensor*> inputs_;  // null: let go
  std::vector<TF_Tensor*> made_;
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
      [](void* attributes, TF_OpKernelContext* context) noexcept {
        Kernel kernel(context);
        kCompute(*static_cast<Attributes*>(attributes), kernel);
      },
      [](void* attributes) { delete static_cast<Attributes*>(attributes); });
  TF_Status* status = TF_NewStatus();
  TF_RegisterKernelBuilder(op, builder, status);
  ReportRegistration(op, status);
}

}  // namespace crescendo

#endif
