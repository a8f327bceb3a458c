// The weights of attention for processors, softmax(scale * scores + bias) along the last axis of
// [B, heads, N, M] in one pass over rows that stay in a core's cache, and their gradient. The bias
// is [heads, N, M], shared by the batch, or empty. Sums along a row go into fixed lanes, so that
// the width of vectors does not change a bit.
#include <algorithm>
#include <vector>

#include "kernel_support.h"
#include "kernels.h"
#include "lanes.h"
#include "parallel.h"
#include "vector_math.h"

namespace crescendo {
namespace {

struct Shape {
  int64_t batch = 0;
  int64_t heads = 0;
  int64_t rows = 0;
  int64_t columns = 0;
  int64_t HeadElements() const { return rows * columns; }
};

// False when scores are not [B, heads, N, M], or a bias is not [heads, N, M] of them.
bool ShapeOf(const Input& scores, const Input& bias, Shape& shape) {
  if (scores.dims.size() != 4 || scores.elements == 0) return false;
  shape = {scores.dims[0], scores.dims[1], scores.dims[2], scores.dims[3]};
  return bias.elements == 0 || bias.elements == shape.heads * shape.HeadElements();
}

// `bias` may be null; y may be x.
CRESCENDO_VECTORIZED
void SoftmaxRows(const float* x, const float* bias, float scale, int64_t rows, int64_t columns,
                 float* y) {
  for (int64_t row = 0; row < rows; row++) {
    const float* from = x + row * columns;
    const float* offset = bias == nullptr ? nullptr : bias + row * columns;
    float* to = y + row * columns;
    if (offset == nullptr) {
      CRESCENDO_INDEPENDENT
      for (int64_t c = 0; c < columns; c++) to[c] = from[c] * scale;
    } else {
      CRESCENDO_INDEPENDENT
      for (int64_t c = 0; c < columns; c++) to[c] = from[c] * scale + offset[c];
    }
    float largest = to[0];
    for (int64_t c = 1; c < columns; c++) largest = to[c] > largest ? to[c] : largest;
    CRESCENDO_INDEPENDENT
    for (int64_t c = 0; c < columns; c++) to[c] = Exp(to[c] - largest);
    const float inverse = 1.0f / SumOf(columns, [=](int64_t c) { return to[c]; });
    CRESCENDO_INDEPENDENT
    for (int64_t c = 0; c < columns; c++) to[c] *= inverse;
  }
}

// Writes the scores' gradient, which may be dy, and adds the bias's where `dbias` is not null.
CRESCENDO_VECTORIZED
void GradientRows(const float* dy, const float* y, float scale, int64_t rows, int64_t columns,
                  float* dx, float* dbias) {
  for (int64_t row = 0; row < rows; row++) {
    const float* gradient = dy + row * columns;
    const float* weight = y + row * columns;
    float* to = dx + row * columns;
    const float mean = SumOf(columns, [=](int64_t c) { return gradient[c] * weight[c]; });
    if (dbias == nullptr) {
      CRESCENDO_INDEPENDENT
      for (int64_t c = 0; c < columns; c++) to[c] = scale * (weight[c] * (gradient[c] - mean));
      continue;
    }
    float* sum = dbias + row * columns;
    CRESCENDO_INDEPENDENT
    for (int64_t c = 0; c < columns; c++) {
      const float inner = weight[c] * (gradient[c] - mean);
      sum[c] += inner;
      to[c] = scale * inner;
    }
  }
}

struct Attributes {
  float scale = 1;
};

// Inputs scores, bias; output the weights.
void ComputeForward(const Attributes& attributes, Kernel& kernel) {
  const Input scores = kernel.GetInput(0);
  const Input bias = kernel.GetInput(1);
  Shape shape;
  if (!ShapeOf(scores, bias, shape)) return kernel.Fail("scores [B, heads, N, M], bias as one");
  float* y = kernel.ForwardOrAllocate(0, 0, scores.dims);
  if (!kernel.IsOk()) return;
  const int64_t size = shape.HeadElements();
  InParallel(shape.batch * shape.heads, [&](int64_t i) {
    const float* offset = bias.elements == 0 ? nullptr : bias.data + i % shape.heads * size;
    SoftmaxRows(scores.data + i * size, offset, attributes.scale, shape.rows, shape.columns,
                y + i * size);
  });
}

// Inputs dy, weights, bias (for its shape); outputs dscores, dbias.
void ComputeGradient(const Attributes& attributes, Kernel& kernel) {
  const Input dy = kernel.GetInput(0);
  const Input weights = kernel.GetInput(1);
  const Input bias = kernel.GetInput(2);
  Shape shape;
  if (!ShapeOf(weights, bias, shape) || dy.dims != weights.dims) {
    return kernel.Fail("dy and weights [B, heads, N, M], bias as one");
  }
  float* dscores = kernel.ForwardOrAllocate(0, 0, weights.dims);
  float* dbias = kernel.Allocate(1, bias.dims);
  if (!kernel.IsOk()) return;
  std::fill(dbias, dbias + bias.elements, 0.0f);
  const int64_t size = shape.HeadElements();
  // By head, so that each bias is summed over the batch in its order.
  InParallel(shape.heads, [&](int64_t head) {
    float* sum = bias.elements == 0 ? nullptr : dbias + head * size;
    for (int64_t sample = 0; sample < shape.batch; sample++) {
      const int64_t at = (sample * shape.heads + head) * size;
      GradientRows(dy.data + at, weights.data + at, attributes.scale, shape.rows, shape.columns,
                   dscores + at, sum);
    }
  });
}

void* ReadAttributes(TF_OpKernelConstruction* construction) {
  auto attributes = std::make_unique<Attributes>();
  attributes->scale = GetFloatAttribute(construction, "scale");
  return attributes.release();
}

}  // namespace

void RegisterAttention() {
  RegisterOp("CrescendoAttentionWeights", {"scores: float", "bias: float"}, {"scale: float"},
             {"weights: float"}, SetShapes<0>);
  RegisterKernel<Attributes, ComputeForward>("CrescendoAttentionWeights", ReadAttributes);
  RegisterOp("CrescendoAttentionWeightsGrad", {"dy: float", "weights: float", "bias: float"},
             {"scale: float"}, {"dscores: float", "dbias: float"}, SetShapes<1, 2>);
  RegisterKernel<Attributes, ComputeGradient>("CrescendoAttentionWeightsGrad", ReadAttributes);
}

}  // namespace crescendo
