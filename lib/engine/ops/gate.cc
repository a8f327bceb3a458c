// The channel gate of squeeze-and-excitation (Hu, Shen, Sun 2018) on [N, ..., C], for processors:
// x * gate, the gate's gradient in one pass over x and dy, and the input's, which joins what came
// through the gate with what came through the mean, in place of dy. Gates are [N, C].
#include <cstring>
#include <vector>

#include "kernel_support.h"
#include "kernels.h"
#include "parallel.h"
#include "vector_math.h"

namespace crescendo {
namespace {

struct Shape {
  int64_t images = 0;
  int64_t pixels = 0;
  int64_t channels = 0;
  int64_t ImageElements() const { return pixels * channels; }
};

// False when gate is not [N, C] of x.
bool ShapeOf(const Input& x, const Input& gate, Shape& shape) {
  if (x.dims.size() < 2 || x.elements == 0) return false;
  shape.images = x.dims.front();
  shape.channels = x.dims.back();
  shape.pixels = x.elements / (shape.images * shape.channels);
  return gate.dims == std::vector<int64_t>{shape.images, shape.channels};
}

CRESCENDO_VECTORIZED
void ScaleImage(const float* x, const float* gate, int64_t pixels, int64_t channels, float* y) {
  for (int64_t pixel = 0; pixel < pixels; pixel++) {
    const float* from = x + pixel * channels;
    float* to = y + pixel * channels;
    CRESCENDO_INDEPENDENT
    for (int64_t c = 0; c < channels; c++) to[c] = from[c] * gate[c];
  }
}

CRESCENDO_VECTORIZED
void SumProducts(const float* dy, const float* x, int64_t pixels, int64_t channels, float* sum) {
  std::memset(sum, 0, channels * sizeof(float));
  for (int64_t pixel = 0; pixel < pixels; pixel++) {
    const float* left = dy + pixel * channels;
    const float* right = x + pixel * channels;
    CRESCENDO_INDEPENDENT
    for (int64_t c = 0; c < channels; c++) sum[c] += left[c] * right[c];
  }
}

// dx may be dy.
CRESCENDO_VECTORIZED
void ScaleShiftImage(const float* dy, const float* gate, const float* shift, int64_t pixels,
                     int64_t channels, float* dx) {
  for (int64_t pixel = 0; pixel < pixels; pixel++) {
    const float* from = dy + pixel * channels;
    float* to = dx + pixel * channels;
    CRESCENDO_INDEPENDENT
    for (int64_t c = 0; c < channels; c++) to[c] = from[c] * gate[c] + shift[c];
  }
}

struct Attributes {};

// Inputs x, gate; output x * gate.
void ComputeForward(const Attributes&, Kernel& kernel) {
  const Input x = kernel.GetInput(0);
  const Input gate = kernel.GetInput(1);
  Shape shape;
  if (!ShapeOf(x, gate, shape)) return kernel.Fail("gate must be [N, C] of x");
  float* y = kernel.Allocate(0, x.dims);
  if (!kernel.IsOk()) return;
  InParallel(shape.images, [&](int64_t image) {
    const int64_t at = image * shape.ImageElements();
    ScaleImage(x.data + at, gate.data + image * shape.channels, shape.pixels, shape.channels,
               y + at);
  });
}

// Inputs dy, x, gate (for its shape); output the gate's gradient.
void ComputeGateGradient(const Attributes&, Kernel& kernel) {
  const Input dy = kernel.GetInput(0);
  const Input x = kernel.GetInput(1);
  const Input gate = kernel.GetInput(2);
  Shape shape;
  if (!ShapeOf(x, gate, shape) || dy.dims != x.dims) {
    return kernel.Fail("dy must be as x, gate [N, C] of x");
  }
  float* dgate = kernel.Allocate(0, gate.dims);
  if (!kernel.IsOk()) return;
  InParallel(shape.images, [&](int64_t image) {
    const int64_t at = image * shape.ImageElements();
    SumProducts(dy.data + at, x.data + at, shape.pixels, shape.channels,
                dgate + image * shape.channels);
  });
}

// Inputs dy, gate, shift [N, C]; output dy * gate + shift.
void ComputeInputGradient(const Attributes&, Kernel& kernel) {
  const Input dy = kernel.GetInput(0);
  const Input gate = kernel.GetInput(1);
  const Input shift = kernel.GetInput(2);
  Shape shape;
  if (!ShapeOf(dy, gate, shape) || shift.dims != gate.dims) {
    return kernel.Fail("gate and shift must be [N, C] of dy");
  }
  float* dx = kernel.ForwardOrAllocate(0, 0, dy.dims);
  if (!kernel.IsOk()) return;
  InParallel(shape.images, [&](int64_t image) {
    const int64_t at = image * shape.ImageElements();
    const int64_t row = image * shape.channels;
    ScaleShiftImage(dy.data + at, gate.data + row, shift.data + row, shape.pixels, shape.channels,
                    dx + at);
  });
}

}  // namespace

void RegisterGate() {
  const auto create = [](TF_OpKernelConstruction*) -> void* { return new Attributes; };
  RegisterOp("CrescendoGate", {"x: float", "gate: float"}, {}, {"y: float"}, SetShapes<0>);
  RegisterKernel<Attributes, ComputeForward>("CrescendoGate", create);
  RegisterOp("CrescendoGateGrad", {"dy: float", "x: float", "gate: float"}, {}, {"dgate: float"},
             SetShapes<2>);
  RegisterKernel<Attributes, ComputeGateGradient>("CrescendoGateGrad", create);
  RegisterOp("CrescendoGateInputGrad", {"dy: float", "gate: float", "shift: float"}, {},
             {"dx: float"}, SetShapes<0>);
  RegisterKernel<Attributes, ComputeInputGradient>("CrescendoGateInputGrad", create);
}

}  // namespace crescendo
