// Depthwise 3x3 convolution of [N, H, W, C] with padding SAME, as one TensorFlow op each way for
// processors. 16 channels at a time keep their nine weights, or the nine sums of the weights'
// gradient, in registers while a row is walked; rows beyond the border are a row of zeros.
//
// The weights' gradient is summed per image and then over images in order, so the number of threads
// does not change a bit.
#include <algorithm>
#include <cstring>
#include <vector>

#include "kernel_support.h"
#include "kernels.h"
#include "parallel.h"
#include "vector_math.h"

namespace crescendo {
namespace {

constexpr int kSide = 3;
constexpr int kTaps = kSide * kSide;
constexpr int64_t kLanes = 16;
typedef float Lanes __attribute__((vector_size(kLanes * sizeof(float))));

// Reads memory at any address, which copying allows and dereferencing does not.
template <typename V>
inline V Load(const float* from) {
  V value;
  std::memcpy(&value, from, sizeof value);
  return value;
}

template <typename V>
inline void Store(const V& value, float* to) {
  std::memcpy(to, &value, sizeof value);
}

// One image's way from `in` to `out`, both [H, W, C].
struct Window {
  int64_t in_height, in_width, out_height, out_width, channels, stride, pad_top, pad_left;
};

int64_t PadBefore(int64_t in, int64_t out, int64_t stride) {
  return std::max<int64_t>(0, (out - 1) * stride + kSide - in) / 2;
}

Window SameWindow(int64_t height, int64_t width, int64_t channels, int64_t stride) {
  const int64_t out_height = (height + stride - 1) / stride;
  const int64_t out_width = (width + stride - 1) / stride;
  return {height, width, out_height, out_width, channels, stride,
          PadBefore(height, out_height, stride), PadBefore(width, out_width, stride)};
}

// The three rows of an [H, W, C] image that output row `row` reads.
struct Rows {
  const float* at[kSide];
};

Rows InputRows(const Window& by, const float* image, const float* zeros, int64_t row) {
  Rows rows;
  for (int ky = 0; ky < kSide; ky++) {
    const int64_t y = row * by.stride + ky - by.pad_top;
    const bool is_inside = y >= 0 && y < by.in_height;
    rows.at[ky] = is_inside ? image + y * by.in_width * by.channels : zeros;
  }
  return rows;
}

// Calls tap(3 ky + kx, element offset in the rows) for the columns inside.
template <typename Tap>
inline void ForTaps(const Window& by, int64_t column, const Tap& tap) {
  const int64_t x = column * by.stride - by.pad_left;
  if (x >= 0 && x + kSide <= by.in_width) {
    for (int ky = 0; ky < kSide; ky++) {
      for (int kx = 0; kx < kSide; kx++) tap(ky, kx, (x + kx) * by.channels);
    }
    return;
  }
  for (int kx = 0; kx < kSide; kx++) {
    if (x + kx < 0 || x + kx >= by.in_width) continue;
    for (int ky = 0; ky < kSide; ky++) tap(ky, kx, (x + kx) * by.channels);
  }
}

// Channels [first, first + lanes of V) of one output row.
template <typename V>
inline void ConvolveChannels(const Window& by, const Rows& rows, const float* filter, float* out,
                             int64_t first) {
  V weights[kTaps];
  for (int tap = 0; tap < kTaps; tap++) {
    weights[tap] = Load<V>(filter + tap * by.channels + first);
  }
  for (int64_t column = 0; column < by.out_width; column++) {
    V sum = {};
    ForTaps(by, column, [&](int ky, int kx, int64_t offset) {
      sum += Load<V>(rows.at[ky] + offset + first) * weights[ky * kSide + kx];
    });
    Store(sum, out + column * by.channels + first);
  }
}

CRESCENDO_VECTORIZED
void ConvolveRow(const Window& by, const Rows& rows, const float* filter, float* out) {
  int64_t c = 0;
  for (; c + kLanes <= by.channels; c += kLanes) ConvolveChannels<Lanes>(by, rows, filter, out, c);
  for (; c < by.channels; c++) ConvolveChannels<float>(by, rows, filter, out, c);
}

// Adds the weights' gradient of one output row to sums[9, C].
template <typename V>
inline void AddChannels(const Window& by, const Rows& rows, const float* dy, float* sums,
                        int64_t first) {
  V sum[kTaps];
  for (int tap = 0; tap < kTaps; tap++) {
    sum[tap] = Load<V>(sums + tap * by.channels + first);
  }
  for (int64_t column = 0; column < by.out_width; column++) {
    const V gradient = Load<V>(dy + column * by.channels + first);
    ForTaps(by, column, [&](int ky, int kx, int64_t offset) {
      sum[ky * kSide + kx] += Load<V>(rows.at[ky] + offset + first) * gradient;
    });
  }
  for (int tap = 0; tap < kTaps; tap++) Store(sum[tap], sums + tap * by.channels + first);
}

CRESCENDO_VECTORIZED
void AddFilterGradient(const Window& by, const Rows& rows, const float* dy, float* sums) {
  int64_t c = 0;
  for (; c + kLanes <= by.channels; c += kLanes) AddChannels<Lanes>(by, rows, dy, sums, c);
  for (; c < by.channels; c++) AddChannels<float>(by, rows, dy, sums, c);
}

void Convolve(const Window& by, const float* in, const float* filter, const float* zeros,
              float* out) {
  for (int64_t row = 0; row < by.out_height; row++) {
    const Rows rows = InputRows(by, in, zeros, row);
    ConvolveRow(by, rows, filter, out + row * by.out_width * by.channels);
  }
}

// dy [H', W', C] with stride - 1 pixels of zeros between its own, to [H, W, C].
void Dilate(const Window& by, const float* dy, float* dilated) {
  const int64_t channels = by.channels;
  std::fill_n(dilated, by.in_height * by.in_width * channels, 0.0f);
  for (int64_t row = 0; row < by.out_height; row++) {
    for (int64_t column = 0; column < by.out_width; column++) {
      const int64_t to = row * by.stride * by.in_width + column * by.stride;
      const float* from = dy + (row * by.out_width + column) * channels;
      std::memcpy(dilated + to * channels, from, channels * sizeof(float));
    }
  }
}

struct Shape {
  int64_t images = 0;
  Window window{};
  int64_t InElements() const { return window.in_height * window.in_width * window.channels; }
  int64_t OutElements() const { return window.out_height * window.out_width * window.channels; }
};

// False when x is not [N, H, W, C] or filter not [3, 3, C, 1].
bool ShapeOf(const Input& x, const Input& filter, int64_t stride, Shape& shape) {
  if (x.dims.size() != 4 || x.elements == 0) return false;
  shape.images = x.dims[0];
  shape.window = SameWindow(x.dims[1], x.dims[2], x.dims[3], stride);
  return filter.dims == std::vector<int64_t>{kSide, kSide, x.dims[3], 1};
}

struct Attributes {};

// Inputs x, filter; output y.
template <int kStride>
void ComputeForward(const Attributes&, Kernel& kernel) {
  const Input x = kernel.GetInput(0);
  const Input filter = kernel.GetInput(1);
  Shape shape;
  if (!ShapeOf(x, filter, kStride, shape)) return kernel.Fail("x must be NHWC, filter 3 x 3 x C");
  const Window& by = shape.window;
  float* y = kernel.Allocate(0, {shape.images, by.out_height, by.out_width, by.channels});
  if (!kernel.IsOk()) return;
  const std::vector<float> zeros(by.in_width * by.channels, 0);
  InParallel(shape.images, [&](int64_t image) {
    Convolve(by, x.data + image * shape.InElements(), filter.data, zeros.data(),
             y + image * shape.OutElements());
  });
}

// The gradient of the input is the convolution of the dilated dy with the filter turned around.
// `dilated` is room for it, as large as dx; not used at stride 1.
void InputGradient(const Shape& shape, const float* dy, const float* filter, float* dilated,
                   float* dx) {
  const Window& by = shape.window;
  std::vector<float> turned(kTaps * by.channels);
  for (int tap = 0; tap < kTaps; tap++) {
    const float* from = filter + (kTaps - 1 - tap) * by.channels;
    std::copy(from, from + by.channels, turned.begin() + tap * by.channels);
  }
  const std::vector<float> zeros(by.in_width * by.channels, 0);
  const Window back{by.in_height, by.in_width, by.in_height, by.in_width, by.channels, 1,
                    kSide - 1 - by.pad_top, kSide - 1 - by.pad_left};
  InParallel(shape.images, [&](int64_t image) {
    const float* from = dy + image * shape.OutElements();
    if (by.stride > 1) {
      float* to = dilated + image * shape.InElements();
      Dilate(by, from, to);
      from = to;
    }
    Convolve(back, from, turned.data(), zeros.data(), dx + image * shape.InElements());
  });
}

// `partial` is room for the sums of each image.
void FilterGradient(const Shape& shape, const float* x, const float* dy, float* partial,
                    float* dfilter) {
  const Window& by = shape.window;
  const int64_t weights = kTaps * by.channels;
  const std::vector<float> zeros(by.in_width * by.channels, 0);
  std::fill_n(partial, shape.images * weights, 0.0f);
  InParallel(shape.images, [&](int64_t image) {
    const float* from = x + image * shape.InElements();
    const float* gradient = dy + image * shape.OutElements();
    for (int64_t row = 0; row < by.out_height; row++) {
      AddFilterGradient(by, InputRows(by, from, zeros.data(), row),
                        gradient + row * by.out_width * by.channels,
                        partial + image * weights);
    }
  });
  std::memcpy(dfilter, partial, weights * sizeof(float));
  for (int64_t image = 1; image < shape.images; image++) {
    const float* from = partial + image * weights;
    for (int64_t i = 0; i < weights; i++) dfilter[i] += from[i];
  }
}

// Inputs dy, x, filter; outputs dx, dfilter.
template <int kStride>
void ComputeGradient(const Attributes&, Kernel& kernel) {
  const Input dy = kernel.GetInput(0);
  const Input x = kernel.GetInput(1);
  const Input filter = kernel.GetInput(2);
  Shape shape;
  const bool is_right = ShapeOf(x, filter, kStride, shape);
  if (!is_right || dy.elements != shape.images * shape.OutElements()) {
    return kernel.Fail("dy must be as the output, x NHWC, filter 3 x 3 x C");
  }
  float* dx = kernel.Allocate(0, x.dims);
  float* dfilter = kernel.Allocate(1, filter.dims);
  float* dilated = kStride > 1 ? kernel.AllocateScratch(x.elements) : nullptr;
  float* partial = kernel.AllocateScratch(shape.images * filter.elements);
  if (!kernel.IsOk()) return;
  InputGradient(shape, dy.data, filter.data, dilated, dx);
  FilterGradient(shape, x.data, dy.data, partial, dfilter);
}

template <int kStride>
void SetOutputShape(TF_ShapeInferenceContext* context, TF_Status* status) {
  SetShape(context, status, [](int dimension, int64_t size) {
    return dimension == 1 || dimension == 2 ? (size + kStride - 1) / kStride : size;
  });
}

template <int kStride>
void Register(const char* op, const char* gradient) {
  const auto create = [](TF_OpKernelConstruction*) -> void* { return new Attributes; };
  RegisterOp(op, {"x: float", "filter: float"}, {}, {"y: float"}, SetOutputShape<kStride>);
  RegisterKernel<Attributes, ComputeForward<kStride>>(op, create);
  RegisterOp(gradient, {"dy: float", "x: float", "filter: float"}, {},
             {"dx: float", "dfilter: float"}, SetShapes<1, 2>);
  RegisterKernel<Attributes, ComputeGradient<kStride>>(gradient, create);
}

}  // namespace

void RegisterDepthwise() {
  Register<1>("CrescendoDepthwise3x3", "CrescendoDepthwise3x3Grad");
  Register<2>("CrescendoDepthwise3x3Stride2", "CrescendoDepthwise3x3Stride2Grad");
}

}  // namespace crescendo
