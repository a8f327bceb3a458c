// Batch normalization over the channels of [..., C] in training, with an activation after it if
// asked, as one TensorFlow op each way for processors: forward reads x twice and writes y, backward
// reads x and dy twice and writes dx; what stock ops keep between the two is recomputed.
//
// Statistics of blocks of rows are joined in double (Chan, Golub, LeVeque 1983).
#include <algorithm>
#include <cmath>
#include <cstring>
#include <vector>

#include "activation.h"
#include "kernel_support.h"
#include "kernels.h"
#include "row_blocks.h"
#include "vector_math.h"

namespace crescendo {
namespace {

// sum[C] and squares[C] of the rows, the latter around the rows' own mean.
CRESCENDO_VECTORIZED
void BlockMoments(const float* x, int64_t rows, int64_t channels, float* sum, float* squares) {
  std::memset(sum, 0, channels * sizeof(float));
  std::memset(squares, 0, channels * sizeof(float));
  for (int64_t row = 0; row < rows; row++) {
    const float* from = x + row * channels;
    CRESCENDO_INDEPENDENT
    for (int64_t c = 0; c < channels; c++) sum[c] += from[c];
  }
  const float scale = 1.0f / static_cast<float>(rows);
  for (int64_t row = 0; row < rows; row++) {
    const float* from = x + row * channels;
    CRESCENDO_INDEPENDENT
    for (int64_t c = 0; c < channels; c++) {
      const float distance = from[c] - sum[c] * scale;
      squares[c] += distance * distance;
    }
  }
}

struct Channels {
  const float* mean;
  const float* scale;  // gamma / deviation
  const float* beta;
};

CRESCENDO_VECTORIZED
void Normalize(const float* x, int64_t rows, int64_t channels, const Channels& by, float* y) {
  const float *mean = by.mean, *scale = by.scale, *beta = by.beta;
  for (int64_t row = 0; row < rows; row++) {
    const float* from = x + row * channels;
    float* to = y + row * channels;
    CRESCENDO_INDEPENDENT
    for (int64_t c = 0; c < channels; c++) to[c] = (from[c] - mean[c]) * scale[c] + beta[c];
  }
}

template <typename Activation>
inline void NormalizeAnd(const float* x, int64_t rows, int64_t channels, const Channels& by,
                         float* y) {
  const float *mean = by.mean, *scale = by.scale, *beta = by.beta;
  for (int64_t row = 0; row < rows; row++) {
    const float* from = x + row * channels;
    float* to = y + row * channels;
    CRESCENDO_INDEPENDENT
    for (int64_t c = 0; c < channels; c++) {
      to[c] = Activation::Value((from[c] - mean[c]) * scale[c] + beta[c]);
    }
  }
}

// Not templates themselves, since only functions can be compiled for several instruction sets.
CRESCENDO_VECTORIZED
void NormalizeSwish(const float* x, int64_t rows, int64_t channels, const Channels& by, float* y) {
  NormalizeAnd<Swish>(x, rows, channels, by, y);
}

CRESCENDO_VECTORIZED
void NormalizeGelu(const float* x, int64_t rows, int64_t channels, const Channels& by, float* y) {
  NormalizeAnd<Gelu>(x, rows, channels, by, y);
}

CRESCENDO_VECTORIZED
void NormalizeRelu(const float* x, int64_t rows, int64_t channels, const Channels& by, float* y) {
  NormalizeAnd<Relu>(x, rows, channels, by, y);
}

// sum[C] of dz and product[C] of dz * (x - mean), where dz is the gradient before the activation.
CRESCENDO_VECTORIZED
void Sums(const float* x, const float* dz, int64_t rows, int64_t channels, const Channels& by,
          float* sum, float* product) {
  const float* mean = by.mean;
  for (int64_t row = 0; row < rows; row++) {
    const float* from = x + row * channels;
    const float* gradient = dz + row * channels;
    CRESCENDO_INDEPENDENT
    for (int64_t c = 0; c < channels; c++) {
      sum[c] += gradient[c];
      product[c] += gradient[c] * (from[c] - mean[c]);
    }
  }
}

// Likewise from dy, the gradient after the activation; writes dz, which may be dy.
template <typename Activation>
inline void SumsThrough(const float* x, const float* dy, int64_t rows, int64_t channels,
                        const Channels& by, float* sum, float* product, float* dz) {
  const float *mean = by.mean, *scale = by.scale, *beta = by.beta;
  for (int64_t row = 0; row < rows; row++) {
    const float* from = x + row * channels;
    const float* gradient = dy + row * channels;
    float* to = dz + row * channels;
    CRESCENDO_INDEPENDENT
    for (int64_t c = 0; c < channels; c++) {
      const float distance = from[c] - mean[c];
      const float before = gradient[c] * Activation::Slope(distance * scale[c] + beta[c]);
      to[c] = before;
      sum[c] += before;
      product[c] += before * distance;
    }
  }
}

CRESCENDO_VECTORIZED
void SumsSwish(const float* x, const float* dy, int64_t rows, int64_t channels, const Channels& by,
               float* sum, float* product, float* dz) {
  SumsThrough<Swish>(x, dy, rows, channels, by, sum, product, dz);
}

CRESCENDO_VECTORIZED
void SumsGelu(const float* x, const float* dy, int64_t rows, int64_t channels, const Channels& by,
              float* sum, float* product, float* dz) {
  SumsThrough<Gelu>(x, dy, rows, channels, by, sum, product, dz);
}

CRESCENDO_VECTORIZED
void SumsRelu(const float* x, const float* dy, int64_t rows, int64_t channels, const Channels& by,
              float* sum, float* product, float* dz) {
  SumsThrough<Relu>(x, dy, rows, channels, by, sum, product, dz);
}

// dx = scale * (dz - shift - (x - mean) * tilt); dx may be dz.
CRESCENDO_VECTORIZED
void InputGradient(const float* x, const float* dz, int64_t rows, int64_t channels,
                   const Channels& by, const float* shift, const float* tilt, float* dx) {
  const float *mean = by.mean, *scale = by.scale;
  for (int64_t row = 0; row < rows; row++) {
    const float* from = x + row * channels;
    const float* gradient = dz + row * channels;
    float* to = dx + row * channels;
    CRESCENDO_INDEPENDENT
    for (int64_t c = 0; c < channels; c++) {
      to[c] = scale[c] * (gradient[c] - shift[c] - (from[c] - mean[c]) * tilt[c]);
    }
  }
}

struct Attributes {
  float epsilon = 0;
  int activation = kNone;
};

// mean, the unbiased variance (Bessel), and 1 / sqrt(biased variance + epsilon).
// `partial` holds the blocks' sums meanwhile.
void Statistics(const RowBlocks& blocks, const float* x, float epsilon, float* partial, float* mean,
                float* variance, float* deviation) {
  const int64_t channels = blocks.channels;
  blocks.ForEach([&](int64_t block, int64_t at, int64_t rows) {
    float* sums = partial + 2 * block * channels;
    BlockMoments(x + at, rows, channels, sums, sums + channels);
  });
  std::vector<double> means(channels, 0), squares(channels, 0);
  double count = 0;
  for (int64_t block = 0; block < blocks.blocks; block++) {
    const auto rows = static_cast<double>(blocks.RowsOf(block));
    const float* sums = partial + 2 * block * channels;
    const double share = rows / (count + rows);
    for (int64_t c = 0; c < channels; c++) {
      const double distance = sums[c] / rows - means[c];
      means[c] += distance * share;
      squares[c] += sums[channels + c] + distance * distance * count * share;
    }
    count += rows;
  }
  for (int64_t c = 0; c < channels; c++) {
    mean[c] = static_cast<float>(means[c]);
    variance[c] = static_cast<float>(squares[c] / std::max(1.0, count - 1));
    deviation[c] = static_cast<float>(1 / std::sqrt(squares[c] / count + epsilon));
  }
}

// Inputs x, gamma, beta; outputs y, mean, variance, inverse deviation.
void ComputeForward(const Attributes& attributes, Kernel& kernel) {
  const Input x = kernel.GetInput(0);
  const Input gamma = kernel.GetInput(1);
  const Input beta = kernel.GetInput(2);
  const RowBlocks blocks(x);
  if (blocks.rows == 0 || gamma.elements != blocks.channels || beta.elements != blocks.channels) {
    return kernel.Fail("gamma and beta must be [C] of x, and x not empty");
  }
  float* y = kernel.Allocate(0, x.dims);
  float* mean = kernel.Allocate(1, {blocks.channels});
  float* variance = kernel.Allocate(2, {blocks.channels});
  float* deviation = kernel.Allocate(3, {blocks.channels});
  float* partial = blocks.AllocateSums(kernel, 2 * blocks.channels);
  if (!kernel.IsOk()) return;
  Statistics(blocks, x.data, attributes.epsilon, partial, mean, variance, deviation);
  std::vector<float> scale(blocks.channels);
  for (int64_t c = 0; c < blocks.channels; c++) scale[c] = gamma.data[c] * deviation[c];
  const Channels by{mean, scale.data(), beta.data};
  const auto normalize = attributes.activation == kSwish  ? NormalizeSwish
                         : attributes.activation == kGelu ? NormalizeGelu
                         : attributes.activation == kRelu ? NormalizeRelu
                                                          : Normalize;
  blocks.ForEach([&](int64_t, int64_t at, int64_t rows) {
    normalize(x.data + at, rows, blocks.channels, by, y + at);
  });
}

// Inputs dy, x, gamma, beta, mean, inverse deviation; outputs dx, dgamma, dbeta.
void ComputeGradient(const Attributes& attributes, Kernel& kernel) {
  const Input dy = kernel.GetInput(0);
  const Input x = kernel.GetInput(1);
  const RowBlocks blocks(x);
  const int64_t channels = blocks.channels;
  bool is_right = blocks.rows > 0 && dy.dims == x.dims;
  Input small[4];
  for (int i = 0; i < 4; i++) {
    small[i] = kernel.GetInput(2 + i);
    is_right = is_right && small[i].elements == channels;
  }
  if (!is_right) return kernel.Fail("dy must be as x, the others [C] of x");
  const auto& [gamma, beta, mean, deviation] = small;
  float* dx = kernel.ForwardOrAllocate(0, 0, x.dims);
  float* dgamma = kernel.Allocate(1, {channels});
  float* dbeta = kernel.Allocate(2, {channels});
  float* partial = blocks.AllocateSums(kernel, 2 * channels);
  if (!kernel.IsOk()) return;
  std::vector<float> scale(channels), shift(channels), tilt(channels);
  for (int64_t c = 0; c < channels; c++) scale[c] = gamma.data[c] * deviation.data[c];
  const Channels by{mean.data, scale.data(), beta.data};
  const float* dz = attributes.activation == kNone ? dy.data : dx;
  const auto sums_through = attributes.activation == kSwish  ? SumsSwish
                            : attributes.activation == kGelu ? SumsGelu
                                                             : SumsRelu;
  blocks.ForEach([&](int64_t block, int64_t at, int64_t rows) {
    float* sum = partial + 2 * block * channels;
    float* product = sum + channels;
    if (attributes.activation == kNone) {
      Sums(x.data + at, dy.data + at, rows, channels, by, sum, product);
    } else {
      sums_through(x.data + at, dy.data + at, rows, channels, by, sum, product, dx + at);
    }
  });
  const std::vector<double> sums = blocks.Join(partial, 2 * channels);
  for (int64_t c = 0; c < channels; c++) {
    const double inverse = deviation.data[c];
    const auto rows = static_cast<double>(blocks.rows);
    dbeta[c] = static_cast<float>(sums[c]);
    dgamma[c] = static_cast<float>(sums[channels + c] * inverse);
    shift[c] = static_cast<float>(sums[c] / rows);
    tilt[c] = static_cast<float>(sums[channels + c] * inverse * inverse / rows);
  }
  blocks.ForEach([&](int64_t, int64_t at, int64_t rows) {
    InputGradient(x.data + at, dz + at, rows, channels, by, shift.data(), tilt.data(), dx + at);
  });
}

Attributes* ReadAttributes(TF_OpKernelConstruction* construction, bool has_epsilon) {
  auto attributes = std::make_unique<Attributes>();
  attributes->activation = GetIntAttribute(construction, "activation");
  if (has_epsilon) attributes->epsilon = GetFloatAttribute(construction, "epsilon");
  return attributes.release();
}

}  // namespace

void RegisterBatchNorm() {
  RegisterOp("CrescendoBatchNorm", {"x: float", "gamma: float", "beta: float"},
             {"epsilon: float", "activation: int"},
             {"y: float", "mean: float", "variance: float", "inverse_deviation: float"},
             SetShapes<0, 1, 1, 1>);
  RegisterKernel<Attributes, ComputeForward>(
      "CrescendoBatchNorm",
      [](TF_OpKernelConstruction* at) -> void* { return ReadAttributes(at, true); });
  RegisterOp("CrescendoBatchNormGrad",
             {"dy: float", "x: float", "gamma: float", "beta: float", "mean: float",
              "inverse_deviation: float"},
             {"activation: int"}, {"dx: float", "dgamma: float", "dbeta: float"},
             SetShapes<1, 2, 2>);
  RegisterKernel<Attributes, ComputeGradient>(
      "CrescendoBatchNormGrad",
      [](TF_OpKernelConstruction* at) -> void* { return ReadAttributes(at, false); });
}

}  // namespace crescendo
