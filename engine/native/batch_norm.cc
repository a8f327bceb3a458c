// Batch normalisation over the channels of [..., C] in training, with swish after it if asked, as
// one TensorFlow op each way for processors: forward reads x twice and writes y, backward reads x
// and dy twice and writes dx; what stock ops keep between normalisation and swish is recomputed.
//
// Statistics are taken over fixed blocks of rows and joined in their order, in double (Chan, Golub,
// LeVeque 1983), so the number of threads does not change a bit.
#include <algorithm>
#include <cmath>
#include <cstring>
#include <vector>

#include "kernel_support.h"
#include "kernels.h"
#include "parallel.h"
#include "vector_math.h"

namespace crescendo {
namespace {

// Floats of a block: it is read twice and should stay in a core's cache.
constexpr int64_t kBlockElements = 16384;

struct Shape {
  int64_t rows = 0;
  int64_t channels = 0;
  int64_t block_rows = 1;
  int64_t blocks = 0;
};

Shape ShapeOf(const Input& x) {
  Shape shape;
  shape.channels = x.dims.empty() ? 0 : x.dims.back();
  shape.rows = shape.channels == 0 ? 0 : x.elements / shape.channels;
  shape.block_rows = std::max<int64_t>(1, kBlockElements / std::max<int64_t>(1, shape.channels));
  shape.blocks = (shape.rows + shape.block_rows - 1) / shape.block_rows;
  return shape;
}

// Calls work(block, first row, row count) for all blocks, on several threads.
template <typename Work>
void ForBlocks(const Shape& shape, const Work& work) {
  InParallel(shape.blocks, [&](int64_t block) {
    const int64_t first = block * shape.block_rows;
    work(block, first, std::min(shape.block_rows, shape.rows - first));
  });
}

// sum[C] and squares[C] of the rows, the latter around the rows' own mean.
CRESCENDO_VECTORISED
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

CRESCENDO_VECTORISED
void Normalise(const float* x, int64_t rows, int64_t channels, const Channels& by, float* y) {
  const float *mean = by.mean, *scale = by.scale, *beta = by.beta;
  for (int64_t row = 0; row < rows; row++) {
    const float* from = x + row * channels;
    float* to = y + row * channels;
    CRESCENDO_INDEPENDENT
    for (int64_t c = 0; c < channels; c++) to[c] = (from[c] - mean[c]) * scale[c] + beta[c];
  }
}

CRESCENDO_VECTORISED
void NormaliseSwish(const float* x, int64_t rows, int64_t channels, const Channels& by, float* y) {
  const float *mean = by.mean, *scale = by.scale, *beta = by.beta;
  for (int64_t row = 0; row < rows; row++) {
    const float* from = x + row * channels;
    float* to = y + row * channels;
    CRESCENDO_INDEPENDENT
    for (int64_t c = 0; c < channels; c++) {
      const float z = (from[c] - mean[c]) * scale[c] + beta[c];
      to[c] = z * Sigmoid(z);
    }
  }
}

// The derivative of z * sigmoid(z).
inline float SwishSlope(float z) {
  const float gate = Sigmoid(z);
  return gate * (1.0f + z * (1.0f - gate));
}

// sum[C] of dz and product[C] of dz * (x - mean), where dz is the gradient before the activation.
CRESCENDO_VECTORISED
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

// Likewise from dy, the gradient after swish; writes dz, which may be dy.
CRESCENDO_VECTORISED
void SumsSwish(const float* x, const float* dy, int64_t rows, int64_t channels, const Channels& by,
               float* sum, float* product, float* dz) {
  const float *mean = by.mean, *scale = by.scale, *beta = by.beta;
  for (int64_t row = 0; row < rows; row++) {
    const float* from = x + row * channels;
    const float* gradient = dy + row * channels;
    float* to = dz + row * channels;
    CRESCENDO_INDEPENDENT
    for (int64_t c = 0; c < channels; c++) {
      const float distance = from[c] - mean[c];
      const float before = gradient[c] * SwishSlope(distance * scale[c] + beta[c]);
      to[c] = before;
      sum[c] += before;
      product[c] += before * distance;
    }
  }
}

// dx = scale * (dz - shift - (x - mean) * tilt); dx may be dz.
CRESCENDO_VECTORISED
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
  bool swish = false;
};

// mean, the unbiased variance (Bessel), and 1 / sqrt(biased variance + epsilon).
void Statistics(const Shape& shape, const float* x, float epsilon, float* mean, float* variance,
                float* deviation) {
  const int64_t channels = shape.channels;
  std::vector<float> partial(2 * shape.blocks * channels);
  ForBlocks(shape, [&](int64_t block, int64_t first, int64_t rows) {
    float* sums = partial.data() + 2 * block * channels;
    BlockMoments(x + first * channels, rows, channels, sums, sums + channels);
  });
  std::vector<double> means(channels, 0), squares(channels, 0);
  double count = 0;
  for (int64_t block = 0; block < shape.blocks; block++) {
    const int64_t first = block * shape.block_rows;
    const auto rows = static_cast<double>(std::min(shape.block_rows, shape.rows - first));
    const float* sums = partial.data() + 2 * block * channels;
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
  const Shape shape = ShapeOf(x);
  if (shape.rows == 0 || gamma.elements != shape.channels || beta.elements != shape.channels) {
    return kernel.Fail("gamma and beta must be [C] of x, and x not empty");
  }
  float* y = kernel.Allocate(0, x.dims);
  float* mean = kernel.Allocate(1, {shape.channels});
  float* variance = kernel.Allocate(2, {shape.channels});
  float* deviation = kernel.Allocate(3, {shape.channels});
  if (!kernel.IsOk()) return;
  Statistics(shape, x.data, attributes.epsilon, mean, variance, deviation);
  std::vector<float> scale(shape.channels);
  for (int64_t c = 0; c < shape.channels; c++) scale[c] = gamma.data[c] * deviation[c];
  const Channels by{mean, scale.data(), beta.data};
  const auto normalise = attributes.swish ? NormaliseSwish : Normalise;
  ForBlocks(shape, [&](int64_t, int64_t first, int64_t rows) {
    const int64_t at = first * shape.channels;
    normalise(x.data + at, rows, shape.channels, by, y + at);
  });
}

// Inputs dy, x, gamma, beta, mean, inverse deviation; outputs dx, dgamma, dbeta.
void ComputeGradient(const Attributes& attributes, Kernel& kernel) {
  const Input dy = kernel.GetInput(0);
  const Input x = kernel.GetInput(1);
  const Shape shape = ShapeOf(x);
  const int64_t channels = shape.channels;
  bool is_right = shape.rows > 0 && dy.dims == x.dims;
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
  if (!kernel.IsOk()) return;
  std::vector<float> scale(channels), shift(channels), tilt(channels);
  for (int64_t c = 0; c < channels; c++) scale[c] = gamma.data[c] * deviation.data[c];
  const Channels by{mean.data, scale.data(), beta.data};
  std::vector<float> partial(2 * shape.blocks * channels);
  const float* dz = attributes.swish ? dx : dy.data;
  ForBlocks(shape, [&](int64_t block, int64_t first, int64_t rows) {
    float* sum = partial.data() + 2 * block * channels;
    float* product = sum + channels;
    const int64_t at = first * channels;
    if (attributes.swish) {
      SumsSwish(x.data + at, dy.data + at, rows, channels, by, sum, product, dx + at);
    } else {
      Sums(x.data + at, dy.data + at, rows, channels, by, sum, product);
    }
  });
  std::vector<double> sums(2 * channels, 0);
  for (int64_t block = 0; block < shape.blocks; block++) {
    const float* from = partial.data() + 2 * block * channels;
    for (int64_t c = 0; c < 2 * channels; c++) sums[c] += from[c];
  }
  for (int64_t c = 0; c < channels; c++) {
    const double inverse = deviation.data[c];
    const auto rows = static_cast<double>(shape.rows);
    dbeta[c] = static_cast<float>(sums[c]);
    dgamma[c] = static_cast<float>(sums[channels + c] * inverse);
    shift[c] = static_cast<float>(sums[c] / rows);
    tilt[c] = static_cast<float>(sums[channels + c] * inverse * inverse / rows);
  }
  ForBlocks(shape, [&](int64_t, int64_t first, int64_t rows) {
    const int64_t at = first * channels;
    InputGradient(x.data + at, dz + at, rows, channels, by, shift.data(), tilt.data(), dx + at);
  });
}

Attributes* ReadAttributes(TF_OpKernelConstruction* construction, bool has_epsilon) {
  auto attributes = std::make_unique<Attributes>();
  attributes->swish = GetBoolAttribute(construction, "swish");
  if (has_epsilon) attributes->epsilon = GetFloatAttribute(construction, "epsilon");
  return attributes.release();
}

}  // namespace

void RegisterBatchNorm() {
  RegisterOp("CrescendoBatchNorm", {"x: float", "gamma: float", "beta: float"},
             {"epsilon: float", "swish: bool"},
             {"y: float", "mean: float", "variance: float", "inverse_deviation: float"},
             SetShapes<0, 1, 1, 1>);
  RegisterKernel<Attributes, ComputeForward>(
      "CrescendoBatchNorm",
      [](TF_OpKernelConstruction* at) -> void* { return ReadAttributes(at, true); });
  RegisterOp("CrescendoBatchNormGrad",
             {"dy: float", "x: float", "gamma: float", "beta: float", "mean: float",
              "inverse_deviation: float"},
             {"swish: bool"}, {"dx: float", "dgamma: float", "dbeta: float"}, SetShapes<1, 2, 2>);
  RegisterKernel<Attributes, ComputeGradient>(
      "CrescendoBatchNormGrad",
      [](TF_OpKernelConstruction* at) -> void* { return ReadAttributes(at, false); });
}

}  // namespace crescendo
