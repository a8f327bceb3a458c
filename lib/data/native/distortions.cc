#include "distortions.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>

#include "byte_tables.h"
#include "random_stream.h"
#include "vectorized.h"

namespace crescendo {
namespace {

using Histogram = std::array<uint32_t, 256>;

constexpr uint8_t kGray = 128;

struct Square {
  uint8_t* pixels;
  int side;
  int stride;  // bytes of a row
  int bytes;
};

template <typename Map>
ByteTable TableOf(const Map& map) {
  ByteTable table;
  for (int value = 0; value < 256; value++) table[value] = map(value);
  return table;
}

void MapValues(const Square& on, const ByteTable& table) {
  MapBytes(table, on.bytes, on.pixels);
}

// Replaces the values of each channel by a table that is made of its histogram.
template <typename Make>
void MapChannels(const Square& on, const Make& make) {
  // Neighbors, which often have the same value, are counted apart: a count need not wait for the
  // one before.
  std::array<std::array<Histogram, 3>, 2> histograms{};
  int at = 0;
  for (; at + 6 <= on.bytes; at += 6) {
    for (int i = 0; i < 6; i++) histograms[i / 3][i % 3][on.pixels[at + i]]++;
  }
  for (int i = 0; at + i < on.bytes; i++) histograms[0][i % 3][on.pixels[at + i]]++;
  std::array<ByteTable, 3> tables;
  for (int channel = 0; channel < 3; channel++) {
    Histogram& sum = histograms[0][channel];
    for (int value = 0; value < 256; value++) sum[value] += histograms[1][channel][value];
    tables[channel] = make(sum);
  }
  MapChannelBytes(tables, on.bytes, on.pixels);
}

ByteTable AutoContrastTable(const Histogram& histogram) {
  int low = 0;
  int high = 255;
  while (low < 255 && histogram[low] == 0) low++;
  while (high > 0 && histogram[high] == 0) high--;
  return TableOf([&](int value) {
    if (low >= high) return value;
    // Floor of a negative quotient is clamped all the same.
    return std::min(255, std::max(0, (value - low) * 255 / (high - low)));
  });
}

ByteTable EqualizeTable(const Histogram& histogram) {
  uint32_t total = 0;
  uint32_t last = 0;
  for (const uint32_t count : histogram) {
    total += count;
    if (count > 0) last = count;
  }
  const uint32_t step = (total - last) / 255;
  if (step == 0) return TableOf([](int value) { return value; });
  uint32_t sum = step / 2;
  return TableOf([&](int value) {
    const uint32_t mapped = std::min<uint32_t>(255, sum / step);
    sum += histogram[value];
    return mapped;
  });
}

inline uint8_t Blended(float from, float factor, float value) {
  const float blended = from + factor * (value - from);
  return static_cast<uint8_t>(std::min(255.0f, std::max(0.0f, blended)));
}

ByteTable BlendTable(float from, float factor) {
  return TableOf([&](int value) { return Blended(from, factor, static_cast<float>(value)); });
}

inline int LumaOf(int red, int green, int blue) {
  return (2989 * red + 5870 * green + 1140 * blue) / 10000;
}

CRESCENDO_VECTORIZED
void Lumas(const uint8_t* pixels, int count, uint8_t* lumas) {
  CRESCENDO_INDEPENDENT
  for (int i = 0; i < count; i++) {
    lumas[i] = static_cast<uint8_t>(LumaOf(pixels[i * 3], pixels[i * 3 + 1], pixels[i * 3 + 2]));
  }
}

CRESCENDO_VECTORIZED
void BlendWith(const uint8_t* base, float factor, int count, uint8_t* pixels) {
  CRESCENDO_INDEPENDENT
  for (int i = 0; i < count; i++) pixels[i] = Blended(base[i], factor, pixels[i]);
}

void Color(const Square& on, float factor, std::vector<uint8_t>* scratch) {
  const int count = on.side * on.side;
  scratch->resize(static_cast<size_t>(count) + on.bytes + 1);
  uint8_t* base = scratch->data() + count;
  Lumas(on.pixels, count, scratch->data());
  for (int i = 0; i < count; i++) {
    // With a byte behind it, which the next pixel replaces.
    const uint32_t gray = (*scratch)[i] * 0x01010101u;
    std::memcpy(base + i * 3, &gray, 4);
  }
  BlendWith(base, factor, on.bytes, on.pixels);
}

// @param mean of the lumas where it is negative
void Contrast(const Square& on, float factor, double mean, std::vector<uint8_t>* scratch) {
  const int count = on.side * on.side;
  if (mean < 0) {
    scratch->resize(count);
    Lumas(on.pixels, count, scratch->data());
    uint64_t sum = 0;
    for (int i = 0; i < count; i++) sum += (*scratch)[i];
    mean = static_cast<double>(sum / count);
  }
  MapValues(on, BlendTable(static_cast<float>(mean), factor));
}

// Each inner pixel's 3 x 3 mean with a center weight of 5; pixels at the border stay.
CRESCENDO_VECTORIZED
void SmoothRow(const uint8_t* above, const uint8_t* row, const uint8_t* below, int begin, int end,
               uint8_t* output) {
  CRESCENDO_INDEPENDENT
  for (int at = begin; at < end; at++) {
    const uint16_t sum = above[at - 3] + above[at] + above[at + 3] + row[at - 3] + 5 * row[at] +
                         row[at + 3] + below[at - 3] + below[at] + below[at + 3];
    output[at] = static_cast<uint8_t>(sum / 13);
  }
}

void Sharpness(const Square& on, float factor, std::vector<uint8_t>* scratch) {
  scratch->assign(on.pixels, on.pixels + on.bytes);
  for (int y = 1; y + 1 < on.side; y++) {
    const uint8_t* row = on.pixels + y * on.stride;
    SmoothRow(row - on.stride, row, row + on.stride, 3, on.stride - 3,
              scratch->data() + y * on.stride);
  }
  BlendWith(scratch->data(), factor, on.bytes, on.pixels);
}

CRESCENDO_VECTORIZED
void SourceColumns(const double* mapping, double x, double y, double offset_x, double offset_y,
                   int side, int stride, int32_t* columns, int32_t* rows, int32_t* places) {
  CRESCENDO_INDEPENDENT
  for (int column = 0; column < side; column++) {
    const double from_x = column - x;
    columns[column] =
        static_cast<int32_t>(std::floor(mapping[0] * from_x + mapping[1] * y + offset_x));
    rows[column] =
        static_cast<int32_t>(std::floor(mapping[3] * from_x + mapping[4] * y + offset_y));
    // Those of pixels from outside wrap around, and are not used.
    places[column] = static_cast<int32_t>(static_cast<uint32_t>(rows[column]) * stride +
                                          static_cast<uint32_t>(columns[column]) * 3);
  }
}

// A pixel, and a byte behind it.
inline void CopyPixel(const uint8_t* source, uint8_t* target) { std::memcpy(target, source, 4); }

void Warp(const Square& on, const double* mapping, std::vector<uint8_t>* scratch) {
  scratch->resize(on.bytes + 1);
  std::memcpy(scratch->data(), on.pixels, on.bytes);
  const double center = (on.side - 1) / 2.0;
  const double offset_x = mapping[2] + center + 0.5;
  const double offset_y = mapping[5] + center + 0.5;
  std::vector<int32_t> columns(on.side);
  std::vector<int32_t> rows(on.side);
  std::vector<int32_t> places(on.side);
  const auto is_inside = [&](int column) {
    const int x = columns[column];
    const int y = rows[column];
    return x >= 0 && y >= 0 && x < on.side && y < on.side;
  };
  for (int row = 0; row < on.side; row++) {
    SourceColumns(mapping, center, row - center, offset_x, offset_y, on.side, on.stride,
                  columns.data(), rows.data(), places.data());
    // A line crosses the square once: what is inside has no gap.
    int begin = 0;
    int end = on.side;
    while (begin < end && !is_inside(begin)) begin++;
    while (begin < end && !is_inside(end - 1)) end--;
    uint8_t* target = on.pixels + row * on.stride;
    const uint8_t* source = scratch->data();
    for (int column = begin; column + 1 < end; column++) {
      CopyPixel(source + places[column], target + column * 3);
    }
    if (begin < end) std::memcpy(target + (end - 1) * 3, source + places[end - 1], 3);
    std::memset(target, kGray, begin * 3);
    std::memset(target + end * 3, kGray, (on.side - end) * 3);
  }
}

// Arguments: left, right, top, bottom in whole pixels.
template <typename Row>
void EachBoxRow(const Square& on, const double* box, const Row& row) {
  const int left = static_cast<int>(box[0]);
  const int right = static_cast<int>(box[1]);
  for (int y = static_cast<int>(box[2]); y < static_cast<int>(box[3]); y++) {
    if (right > left) row(on.pixels + y * on.stride + left * 3, (right - left) * 3);
  }
}

// Behind the box: the seed, and the two halves of the stream position.
void Noise(const Square& on, const double* arguments) {
  // The box's corners leave no room for more: its stream is named by purpose.
  const uint64_t position = static_cast<uint64_t>(arguments[5]);
  RandomStream stream(static_cast<uint32_t>(arguments[4]), "cutout-noise",
                      static_cast<uint32_t>(position), static_cast<uint32_t>(position >> 32));
  EachBoxRow(on, arguments, [&](uint8_t* row, int bytes) {
    for (int at = 0; at < bytes; at++) {
      row[at] = static_cast<uint8_t>(kGray + stream.Below(kGray));
    }
  });
}

// Four values of each random number, the lowest bits first.
void RandomPixels(const Square& on, const double* arguments) {
  const uint64_t position = static_cast<uint64_t>(arguments[5]);
  RandomStream stream(static_cast<uint32_t>(arguments[4]), "erasing-pixels",
                      static_cast<uint32_t>(position), static_cast<uint32_t>(position >> 32));
  uint32_t word = 0;
  uint64_t values = 0;
  EachBoxRow(on, arguments, [&](uint8_t* row, int bytes) {
    for (int at = 0; at < bytes; at++, values++) {
      word = values % 4 == 0 ? stream.Uint32() : word >> 8;
      row[at] = static_cast<uint8_t>(word);
    }
  });
}

}  // namespace

void Distort(const Distortion& distortion, int side, std::vector<uint8_t>* scratch,
             uint8_t* pixels) {
  const Square on = {pixels, side, side * 3, side * side * 3};
  const double* a = distortion.arguments;
  const float factor = static_cast<float>(a[0]);
  switch (distortion.kind) {
    case DistortionKind::kAutoContrast:
      return MapChannels(on, AutoContrastTable);
    case DistortionKind::kEqualize:
      return MapChannels(on, EqualizeTable);
    case DistortionKind::kInvert:
      return MapValues(on, TableOf([](int value) { return 255 - value; }));
    case DistortionKind::kWarp:
      return Warp(on, a, scratch);
    case DistortionKind::kPosterize: {
      const int shift = 8 - static_cast<int>(a[0]);
      return MapValues(on, TableOf([&](int value) { return value >> shift << shift; }));
    }
    case DistortionKind::kSolarize:
      return MapValues(on, TableOf([&](int value) { return value < a[0] ? value : 255 - value; }));
    case DistortionKind::kColor:
      return Color(on, factor, scratch);
    case DistortionKind::kContrast:
      return Contrast(on, factor, a[1], scratch);
    case DistortionKind::kBrightness:
      return MapValues(on, BlendTable(0, factor));
    case DistortionKind::kSharpness:
      return Sharpness(on, factor, scratch);
    case DistortionKind::kFill:
      return EachBoxRow(on, a, [&](uint8_t* row, int bytes) {
        std::memset(row, static_cast<int>(a[4]), bytes);
      });
    case DistortionKind::kSolarizeAdd:
      return MapValues(on, TableOf([&](int value) {
        return value < kGray ? std::min(255, value + static_cast<int>(a[0])) : value;
      }));
    case DistortionKind::kNoise:
      return Noise(on, a);
    case DistortionKind::kRandomPixels:
      return RandomPixels(on, a);
    case DistortionKind::kCount:
      return;
  }
}

}  // namespace crescendo
