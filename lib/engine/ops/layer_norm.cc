// Layer normalization along the last axis of [..., C], for processors: rows stay in a core's
// cache, so that the gradient finds their mean and deviation again rather than keep them. Sums
// along a row go into fixed lanes, so that the width of vectors does not change a bit.
#include <cmath>
#include <vector>

#include "kernel_support.h"
#include "kernels.h"
#include "lanes.h"
#include "row_blocks.h"
#include "vector_math.h"

namespace crescendo {
namespace {

struct Moments {
  float mean;
  float inverse;  // 1 / sqrt(variance + epsilon)
};

inline Moments MomentsOf(const float* x, int64_t channels, float epsilon) {
  const auto count = static_cast<float>(channels);
  const float mean = SumOf(channels, [=](int64_t c) { return x[c]; }) / count;
  const float squares = SumOf(channels, [=](int64_t c) {
    const float distance = x[c] - mean;
    return distance * distance;
  });
  return {mean, 1.0f / std::sqrt(squares / count + epsilon)};
}

CRESCENDO_VECTORIZED
void NormalizeRows(const float* x, const float* gamma, const float* beta, float epsilon,
                   int64_t rows, int64_t channels, float* y) {
  for (int64_t row = 0; row < rows; row++) {
    const float* from = x + row * channels;
    float* to = y + row * channels;
    const Moments moments = MomentsOf(from, channels, epsilon);
    CRESCENDO_INDEPENDENT
    for (int64_t c = 0; c < channels; c++) {
      to[c] = (from[c] - moments.mean) * moments.inverse * gamma[c] + beta[c];
    }
  }
}

// dx of rows, which may be dy; adds to the block's sums of dgamma and dbeta.
CRESCENDO_VECTORIZED
void GradientRows(const float* dy, const float* x, const float* gamma, float epsilon, int64_t rows,
                  int64_t channels, float* dx, float* dgamma, float* dbeta) {
  const auto count = static_cast<float>(channels);
  for (int64_t row = 0; row < rows; row++) {
    const float* gradient = dy + row * channels;
    const float* from = x + row * channels;
    float* to = dx + row * channels;
    const auto [mean, inverse] = MomentsOf(from, channels, epsilon);
    const float center = mean;
    const float scale = inverse;
    const float shift = SumOf(channels, [=](int64_t c) { return gradient[c] * gamma[c]; }) / count;
    const float tilt = SumOf(channels, [=](int64_t c) {
                         return gradient[c] * gamma[c] * ((from[c] - center) * scale);
                       }) / count;
    CRESCENDO_INDEPENDENT
    for (int64_t c = 0; c < channels; c++) {
      const float normal = (from[c] - center) * scale;
      dgamma[c] += gradient[c] * normal;
      dbeta[c] += gradient[c];
      to[c] = scale * (gradient[c] * gamma[c] - shift - normal * tilt);
    }
  }
}

struct Attributes {
  float epsilon = 0;
};

// Inputs x, gamma, beta; output y.
void ComputeForward(const Attributes& attributes, Kernel& kernel) {
  const Input x = kernel.GetInput(0);
  const Input gamma = kernel.GetInput(1);
  const Input beta = kernel.GetInput(2);
  const RowBlocks blocks(x);
  if (blocks.rows == 0 || gamma.elements != blocks.channels || beta.elements != blocks.channels) {
    return kernel.Fail("gamma and beta must be [C] of x, and x not empty");
  }
  float* y = kernel.Allocate(0, x.dims);
  if (!kernel.IsOk()) return;
  blocks.ForEach([&](int64_t, int64_t at, int64_t rows) {
    NormalizeRows(x.data + at, gamma.data, beta.data, attributes.epsilon, rows, blocks.channels,
                  y + at);
  });
}

// Inputs dy, x, gamma; outputs dx, dgamma, dbeta.
void ComputeGradient(const Attributes& attributes, Kernel& kernel) {
  const Input dy = kernel.GetInput(0);
  const Input x = kernel.GetInput(1);
  const Input gamma = kernel.GetInput(2);
  const RowBlocks blocks(x);
  const int64_t channels = blocks.channels;
  if (blocks.rows == 0 || dy.dims != x.dims || gamma.elements != channels) {
    return kernel.Fail("dy must be as x, gamma [C] of x");
  }
  float* dx = kernel.ForwardOrAllocate(0, 0, x.dims);
  float* dgamma = kernel.Allocate(1, {channels});
  float* dbeta = kernel.Allocate(2, {channels});
  float* partial = blocks.AllocateSums(kernel, 2 * channels);
  if (!kernel.IsOk()) return;
  blocks.ForEach([&](int64_t block, int64_t at, int64_t rows) {
    float* sums = partial + 2 * block * channels;
    GradientRows(dy.data + at, x.data + at, gamma.data, attributes.epsilon, rows, channels,
                 dx + at, sums, sums + channels);
  });
  const std::vector<double> sums = blocks.Join(partial, 2 * channels);
  for (int64_t c = 0; c < channels; c++) {
    dgamma[c] = static_cast<float>(sums[c]);
    dbeta[c] = static_cast<float>(sums[channels + c]);
  }
}

void* ReadAttributes(TF_OpKernelConstruction* construction) {
  auto attributes = std::make_unique<Attributes>();
  attributes->epsilon = GetFloatAttribute(construction, "epsilon");
  return attributes.release();
}

}  // namespace

void RegisterLayerNorm() {
  RegisterOp("CrescendoLayerNorm", {"x: float", "gamma: float", "beta: float"}, {"epsilon: float"},
             {"y: float"}, SetShapes<0>);
  RegisterKernel<Attributes, ComputeForward>("CrescendoLayerNorm", ReadAttributes);
  RegisterOp("CrescendoLayerNormGrad", {"dy: float", "x: float", "gamma: float"},
             {"epsilon: float"}, {"dx: float", "dgamma: float", "dbeta: float"},
             SetShapes<1, 2, 2>);
  RegisterKernel<Attributes, ComputeGradient>("CrescendoLayerNormGrad", ReadAttributes);
}

}  // namespace crescendo
