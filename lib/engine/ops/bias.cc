// Biases of dense layers on [M, N], for processors: with GELU after them in one pass, and the
// gradient of both.
#include <vector>

#include "activation.h"
#include "kernel_support.h"
#include "kernels.h"
#include "row_blocks.h"
#include "vector_math.h"

namespace crescendo {
namespace {

CRESCENDO_VECTORIZED
void BiasGelu(const float* x, const float* bias, int64_t rows, int64_t columns, float* y) {
  for (int64_t row = 0; row < rows; row++) {
    const float* from = x + row * columns;
    float* to = y + row * columns;
    CRESCENDO_INDEPENDENT
    for (int64_t c = 0; c < columns; c++) to[c] = Gelu::Value(from[c] + bias[c]);
  }
}

// dx may be dy.
CRESCENDO_VECTORIZED
void BiasGeluGradient(const float* dy, const float* x, const float* bias, int64_t rows,
                      int64_t columns, float* dx, float* sum) {
  for (int64_t row = 0; row < rows; row++) {
    const float* gradient = dy + row * columns;
    const float* from = x + row * columns;
    float* to = dx + row * columns;
    CRESCENDO_INDEPENDENT
    for (int64_t c = 0; c < columns; c++) {
      const float before = gradient[c] * Gelu::Slope(from[c] + bias[c]);
      to[c] = before;
      sum[c] += before;
    }
  }
}

CRESCENDO_VECTORIZED
void AddColumns(const float* x, int64_t rows, int64_t columns, float* sum) {
  for (int64_t row = 0; row < rows; row++) {
    const float* from = x + row * columns;
    CRESCENDO_INDEPENDENT
    for (int64_t c = 0; c < columns; c++) sum[c] += from[c];
  }
}

void Join(const RowBlocks& blocks, const float* partial, float* result) {
  const std::vector<double> sums = blocks.Join(partial, blocks.channels);
  for (int64_t c = 0; c < blocks.channels; c++) result[c] = static_cast<float>(sums[c]);
}

struct Attributes {};

// Inputs x, bias; output gelu(x + bias).
void ComputeForward(const Attributes&, Kernel& kernel) {
  const Input x = kernel.GetInput(0);
  const Input bias = kernel.GetInput(1);
  const RowBlocks blocks(x);
  if (blocks.rows == 0 || bias.elements != blocks.channels) {
    return kernel.Fail("bias must be [N] of x, and x not empty");
  }
  float* y = kernel.ForwardOrAllocate(0, 0, x.dims);
  if (!kernel.IsOk()) return;
  blocks.ForEach([&](int64_t, int64_t at, int64_t rows) {
    BiasGelu(x.data + at, bias.data, rows, blocks.channels, y + at);
  });
}

// Inputs dy, x, bias; outputs dx, dbias.
void ComputeGradient(const Attributes&, Kernel& kernel) {
  const Input dy = kernel.GetInput(0);
  const Input x = kernel.GetInput(1);
  const Input bias = kernel.GetInput(2);
  const RowBlocks blocks(x);
  if (blocks.rows == 0 || dy.dims != x.dims || bias.elements != blocks.channels) {
    return kernel.Fail("dy must be as x, bias [N] of x");
  }
  float* dx = kernel.ForwardOrAllocate(0, 0, x.dims);
  float* dbias = kernel.Allocate(1, {blocks.channels});
  float* partial = blocks.AllocateSums(kernel, blocks.channels);
  if (!kernel.IsOk()) return;
  blocks.ForEach([&](int64_t block, int64_t at, int64_t rows) {
    BiasGeluGradient(dy.data + at, x.data + at, bias.data, rows, blocks.channels, dx + at,
                     partial + block * blocks.channels);
  });
  Join(blocks, partial, dbias);
}

// Inputs x, bias (for its shape); output the sums of x's columns.
void ComputeColumnSums(const Attributes&, Kernel& kernel) {
  const Input x = kernel.GetInput(0);
  const Input bias = kernel.GetInput(1);
  const RowBlocks blocks(x);
  if (blocks.rows == 0 || bias.elements != blocks.channels) {
    return kernel.Fail("bias must be [N] of x, and x not empty");
  }
  float* sums = kernel.Allocate(0, {blocks.channels});
  float* partial = blocks.AllocateSums(kernel, blocks.channels);
  if (!kernel.IsOk()) return;
  blocks.ForEach([&](int64_t block, int64_t at, int64_t rows) {
    AddColumns(x.data + at, rows, blocks.channels, partial + block * blocks.channels);
  });
  Join(blocks, partial, sums);
}

}  // namespace

void RegisterBias() {
  const auto create = [](TF_OpKernelConstruction*) -> void* { return new Attributes; };
  RegisterOp("CrescendoBiasGelu", {"x: float", "bias: float"}, {}, {"y: float"}, SetShapes<0>);
  RegisterKernel<Attributes, ComputeForward>("CrescendoBiasGelu", create);
  RegisterOp("CrescendoBiasGeluGrad", {"dy: float", "x: float", "bias: float"}, {},
             {"dx: float", "dbias: float"}, SetShapes<1, 2>);
  RegisterKernel<Attributes, ComputeGradient>("CrescendoBiasGeluGrad", create);
  RegisterOp("CrescendoColumnSums", {"x: float", "bias: float"}, {}, {"sums: float"},
             SetShapes<1>);
  RegisterKernel<Attributes, ComputeColumnSums>("CrescendoColumnSums", create);
}

}  // namespace crescendo
