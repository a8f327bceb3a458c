#include "jpeg.h"

#include <algorithm>

#include "tensorflow_jpeg.h"

namespace crescendo {
namespace {

constexpr int kRatioMax = 8;
constexpr size_t kBytesMax = 0x7fffffff;
// Pixels of the largest blocks that are decoded together, but for rare kinds of images.
constexpr int kBlock = 16;

int RatioOf(const Box& box, int side) {
  int ratio = 1;
  while (ratio < kRatioMax && box.width >= ratio * 2 * side && box.height >= ratio * 2 * side) {
    ratio *= 2;
  }
  return ratio;
}

// Pixels [begin, end) of the scaled image that [start, start + length) of the image touches.
struct Window {
  int begin;
  int length;
};

Window WindowOf(int start, int length, int image_length, int ratio) {
  const int scaled = (image_length + ratio - 1) / ratio;
  const int begin = std::min(scaled - 1, start / ratio);
  const int end = std::min(scaled, (start + length + ratio - 1) / ratio);
  return {begin, std::max(1, end - begin)};
}

// The window from the left of the block on in which it begins: libjpeg decodes that much in any
// case, and would copy each row without it.
Window FromBlock(const Window& window, int ratio) {
  const int begin = window.begin - window.begin % (kBlock / ratio);
  return {begin, window.length + window.begin - begin};
}

Span SpanIn(const Window& window, int start, int length, int ratio) {
  return {static_cast<double>(start) / ratio - window.begin, static_cast<double>(length) / ratio};
}

}  // namespace

std::string DecodeJpegBox(const uint8_t* data, size_t size, int image_width, int image_height,
                          const Box& box, int side, std::vector<uint8_t>* pixels,
                          DecodedBox* decoded) {
  if (size > kBytesMax) return "it has more than 2 GiB";
  int width = 0, height = 0, components = 0;
  if (!tensorflow::jpeg::GetImageInfo(data, static_cast<int>(size), &width, &height, &components)) {
    return "it is not a JPEG image";
  }
  if (width != image_width || height != image_height) {
    return "it has " + std::to_string(width) + " x " + std::to_string(height) +
           " pixels where the index of its dataset has " + std::to_string(image_width) + " x " +
           std::to_string(image_height);
  }
  const int ratio = RatioOf(box, side);
  const Window across = FromBlock(WindowOf(box.left, box.width, image_width, ratio), ratio);
  const Window down = WindowOf(box.top, box.height, image_height, ratio);
  tensorflow::jpeg::UncompressFlags flags;
  flags.ratio = ratio;
  flags.components = 3;
  flags.crop = true;
  flags.crop_x = across.begin;
  flags.crop_y = down.begin;
  flags.crop_width = across.length;
  flags.crop_height = down.length;
  int64_t warnings = 0;
  bool is_expected = false;
  const auto allocate = [&](int width, int height, int channels) -> uint8_t* {
    is_expected = width == across.length && height == down.length && channels == 3;
    if (!is_expected) return nullptr;
    pixels->resize(static_cast<size_t>(width) * height * channels + kReadBeyond);
    return pixels->data();
  };
  const uint8_t* result = tensorflow::jpeg::Uncompress(data, static_cast<int>(size), flags,
                                                       &warnings, allocate);
  if (result == nullptr) return "its data are damaged or cut off";
  decoded->view = {result, across.length, down.length, 3};
  decoded->columns = SpanIn(across, box.left, box.width, ratio);
  decoded->rows = SpanIn(down, box.top, box.height, ratio);
  return "";
}

}  // namespace crescendo
