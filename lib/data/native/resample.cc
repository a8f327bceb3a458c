#include "resample.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace crescendo {
namespace {

constexpr int kBits = 14;
constexpr int kOne = 1 << kBits;
constexpr int kHalf = kOne / 2;
// Taps that one vector instruction multiplies.
constexpr int kGroup = 4;

// For each output coordinate the first source index that it reads, and `count` weights that add up
// to kOne; weights behind those of a filter are 0, so that all coordinates have as many.
struct Taps {
  int count = 0;
  std::vector<int> begins;
  std::vector<int16_t> weights;
};

double SupportOf(Filter filter) { return filter == Filter::kTriangle ? 1 : 2; }

// Weight at a distance in widths of the filter. Cubic: Keys, "Cubic convolution interpolation for
// digital image processing" (1981), a = -1/2, which has the published bicubic's third-order error.
double WeightAt(Filter filter, double distance) {
  const double x = std::abs(distance);
  if (filter == Filter::kTriangle) return x < 1 ? 1 - x : 0;
  if (x < 1) return ((1.5 * x - 2.5) * x) * x + 1;
  return x < 2 ? (((-0.5 * x + 2.5) * x) - 4) * x + 2 : 0;
}

// The pixels of the span around the center of an output coordinate.
struct Reach {
  double center;
  int begin;
  int end;
};

Reach ReachOf(Span span, int length, int side, double radius, int coordinate) {
  const double center = (coordinate + 0.5) * (span.length / side) + span.start;
  const int first = static_cast<int>(std::floor(span.start));
  const int last = std::min(length, static_cast<int>(std::ceil(span.start + span.length)));
  int begin = std::max(first, static_cast<int>(std::floor(center - radius + 0.5)));
  int end = std::min(last, static_cast<int>(std::floor(center + radius + 0.5)));
  if (begin >= end) {
    // A fraction of a pixel at the end of a window.
    begin = std::min(last - 1, std::max(first, static_cast<int>(std::floor(center))));
    end = begin + 1;
  }
  return {center, begin, end};
}

// Rounds weights to fixed point; what is missing to kOne goes to the largest.
void Quantize(const double* weights, double total, int count, int16_t* output) {
  int sum = 0;
  int largest = 0;
  for (int i = 0; i < count; i++) {
    const double share = total == 0 ? 1.0 / count : weights[i] / total;
    output[i] = static_cast<int16_t>(std::floor(share * kOne + 0.5));
    sum += output[i];
    if (weights[i] > weights[largest]) largest = i;
  }
  output[largest] = static_cast<int16_t>(output[largest] + kOne - sum);
}

Taps TapsOf(Span span, int length, Filter filter, int side) {
  const double scale = std::max(1.0, span.length / side);
  const double radius = SupportOf(filter) * scale;
  Taps taps;
  taps.begins.resize(side);
  std::vector<Reach> reaches(side);
  for (int i = 0; i < side; i++) {
    reaches[i] = ReachOf(span, length, side, radius, i);
    taps.begins[i] = reaches[i].begin;
    taps.count = std::max(taps.count, reaches[i].end - reaches[i].begin);
  }
  taps.count = (taps.count + kGroup - 1) / kGroup * kGroup;
  taps.weights.assign(static_cast<size_t>(side) * taps.count, 0);
  std::vector<double> weights(taps.count);
  for (int i = 0; i < side; i++) {
    const auto [center, begin, end] = reaches[i];
    double total = 0;
    for (int at = begin; at < end; at++) {
      weights[at - begin] = WeightAt(filter, (at + 0.5 - center) / scale);
      total += weights[at - begin];
    }
    Quantize(weights.data(), total, end - begin,
             &taps.weights[static_cast<size_t>(i) * taps.count]);
  }
  return taps;
}

inline uint8_t Clamped(int32_t sum) {
  return static_cast<uint8_t>(std::min(255, std::max(0, sum >> kBits)));
}

// One row of `bytes` bytes out of `count` rows, the first at `source`.
void AddRows(const uint8_t* source, size_t stride, int bytes, const int16_t* weights, int count,
             int32_t* sums, uint8_t* output) {
  std::fill(sums, sums + bytes, kHalf);
  for (int tap = 0; tap < count; tap++) {
    const int32_t weight = weights[tap];
    if (weight == 0) continue;
    const uint8_t* row = source + tap * stride;
    for (int at = 0; at < bytes; at++) sums[at] += weight * row[at];
  }
  for (int at = 0; at < bytes; at++) output[at] = Clamped(sums[at]);
}

// One output row of `side` pixels of 3 channels out of a row.
void AddColumns(const uint8_t* row, const Taps& taps, int side, uint8_t* output) {
  for (int x = 0; x < side; x++) {
    const uint8_t* from = row + taps.begins[x] * 3;
    const int16_t* weights = &taps.weights[static_cast<size_t>(x) * taps.count];
    int32_t red = kHalf, green = kHalf, blue = kHalf;
    for (int tap = 0; tap < taps.count; tap++) {
      if (weights[tap] == 0) continue;
      red += weights[tap] * from[tap * 3];
      green += weights[tap] * from[tap * 3 + 1];
      blue += weights[tap] * from[tap * 3 + 2];
    }
    output[x * 3] = Clamped(red);
    output[x * 3 + 1] = Clamped(green);
    output[x * 3 + 2] = Clamped(blue);
  }
}

#if defined(__x86_64__)

#define CRESCENDO_AVX2 __attribute__((target("avx2")))

// Two rows at once: their bytes lie side by side as 16-bit pairs, which one instruction multiplies
// by their two weights and adds.
CRESCENDO_AVX2 void AddRowsAvx2(const uint8_t* source, size_t stride, int bytes,
                                const int16_t* weights, int count, uint8_t* output) {
  for (int at = 0; at < bytes; at += 32) {
    __m256i sums[4];
    for (__m256i& sum : sums) sum = _mm256_set1_epi32(kHalf);
    for (int tap = 0; tap < count; tap += 2) {
      const int32_t pair = (weights[tap] & 0xffff) | (weights[tap + 1] << 16);
      if (pair == 0) continue;
      const __m256i both = _mm256_set1_epi32(pair);
      const uint8_t* from = source + tap * stride + at;
      // The row of a weight that is 0 may lie beyond the image.
      const uint8_t* next = weights[tap + 1] == 0 ? from : from + stride;
      const __m256i first = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from));
      const __m256i second = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(next));
      const __m256i zero = _mm256_setzero_si256();
      const __m256i low = _mm256_unpacklo_epi8(first, second);
      const __m256i high = _mm256_unpackhi_epi8(first, second);
      sums[0] = _mm256_add_epi32(sums[0], _mm256_madd_epi16(_mm256_unpacklo_epi8(low, zero), both));
      sums[1] = _mm256_add_epi32(sums[1], _mm256_madd_epi16(_mm256_unpackhi_epi8(low, zero), both));
      sums[2] =
          _mm256_add_epi32(sums[2], _mm256_madd_epi16(_mm256_unpacklo_epi8(high, zero), both));
      sums[3] =
          _mm256_add_epi32(sums[3], _mm256_madd_epi16(_mm256_unpackhi_epi8(high, zero), both));
    }
    for (__m256i& sum : sums) sum = _mm256_srai_epi32(sum, kBits);
    // All unpacking and packing is within halves of a register, so the order is restored.
    const __m256i packed = _mm256_packus_epi16(_mm256_packs_epi32(sums[0], sums[1]),
                                               _mm256_packs_epi32(sums[2], sums[3]));
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(output + at), packed);
  }
}

// Weights of four taps for each output pixel and group: w0 w1 w0 w1 w0 w1 0 0 | w2 w3 ...
void SpreadWeights(const Taps& taps, int side, std::vector<int16_t>* spread) {
  const int groups = taps.count / kGroup;
  spread->assign(static_cast<size_t>(side) * groups * 16, 0);
  for (int i = 0; i < side * groups; i++) {
    const int16_t* weights = &taps.weights[static_cast<size_t>(i) * kGroup];
    int16_t* target = spread->data() + static_cast<size_t>(i) * 16;
    for (int half = 0; half < 2; half++) {
      for (int channel = 0; channel < 3; channel++) {
        target[half * 8 + channel * 2] = weights[half * 2];
        target[half * 8 + channel * 2 + 1] = weights[half * 2 + 1];
      }
    }
  }
}

CRESCENDO_AVX2 inline __m128i PixelAvx2(const uint8_t* from, const int16_t* weights, int groups,
                                        __m256i pairs) {
  __m256i sum = _mm256_setzero_si256();
  for (int group = 0; group < groups; group++) {
    const __m128i bytes =
        _mm_loadu_si128(reinterpret_cast<const __m128i*>(from + group * kGroup * 3));
    const __m256i channels = _mm256_shuffle_epi8(_mm256_broadcastsi128_si256(bytes), pairs);
    const __m256i four =
        _mm256_loadu_si256(reinterpret_cast<const __m256i*>(weights + group * 16));
    sum = _mm256_add_epi32(sum, _mm256_madd_epi16(channels, four));
  }
  const __m128i total =
      _mm_add_epi32(_mm256_castsi256_si128(sum), _mm256_extracti128_si256(sum, 1));
  return _mm_srai_epi32(_mm_add_epi32(total, _mm_set1_epi32(kHalf)), kBits);
}

// Writes up to 4 bytes behind the row.
CRESCENDO_AVX2 void AddColumnsAvx2(const uint8_t* row, const Taps& taps, const int16_t* spread,
                                   int side, uint8_t* output) {
  const int groups = taps.count / kGroup;
  // Bytes of pixels 0 and 1, then 2 and 3, widened: r0 . r1 . g0 . g1 . b0 . b1 . . . . .
  const __m256i pairs = _mm256_setr_epi8(
      0, -1, 3, -1, 1, -1, 4, -1, 2, -1, 5, -1, -1, -1, -1, -1,  //
      6, -1, 9, -1, 7, -1, 10, -1, 8, -1, 11, -1, -1, -1, -1, -1);
  const __m128i squeeze = _mm_setr_epi8(0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, -1, -1, -1, -1);
  const size_t step = static_cast<size_t>(groups) * 16;
  int x = 0;
  for (; x + 4 <= side; x += 4) {
    const int16_t* weights = spread + x * step;
    const __m128i a = PixelAvx2(row + taps.begins[x] * 3, weights, groups, pairs);
    const __m128i b = PixelAvx2(row + taps.begins[x + 1] * 3, weights + step, groups, pairs);
    const __m128i c = PixelAvx2(row + taps.begins[x + 2] * 3, weights + 2 * step, groups, pairs);
    const __m128i d = PixelAvx2(row + taps.begins[x + 3] * 3, weights + 3 * step, groups, pairs);
    const __m128i bytes = _mm_packus_epi16(_mm_packs_epi32(a, b), _mm_packs_epi32(c, d));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(output + x * 3),
                     _mm_shuffle_epi8(bytes, squeeze));
  }
  for (; x < side; x++) {
    const __m128i one = PixelAvx2(row + taps.begins[x] * 3, spread + x * step, groups, pairs);
    const __m128i bytes = _mm_packus_epi16(_mm_packs_epi32(one, one), one);
    const int32_t pixel = _mm_cvtsi128_si32(bytes);
    std::memcpy(output + x * 3, &pixel, 3);
  }
}

bool HasAvx2() {
  static const bool has = __builtin_cpu_supports("avx2");
  return has;
}

#else

bool HasAvx2() { return false; }
void AddRowsAvx2(const uint8_t*, size_t, int, const int16_t*, int, uint8_t*) {}
void SpreadWeights(const Taps&, int, std::vector<int16_t>*) {}
void AddColumnsAvx2(const uint8_t*, const Taps&, const int16_t*, int, uint8_t*) {}

#endif

void Mirror(Taps* taps) {
  const int side = static_cast<int>(taps->begins.size());
  std::reverse(taps->begins.begin(), taps->begins.end());
  for (int low = 0, high = side - 1; low < high; low++, high--) {
    const auto row = [&](int i) {
      return taps->weights.begin() + static_cast<size_t>(i) * taps->count;
    };
    std::swap_ranges(row(low), row(low + 1), row(high));
  }
}

void RepeatGray(const uint8_t* row, int count, uint8_t* output) {
  for (int x = 0; x < count; x++) std::memset(output + x * 3, row[x], 3);
}

}  // namespace

void Resample(const PixelView& source, Span columns, Span rows, Filter filter, bool flip, int side,
              ResampleScratch* scratch, uint8_t* output) {
  const Taps down = TapsOf(rows, source.height, filter, side);
  Taps across = TapsOf(columns, source.width, filter, side);
  if (flip) Mirror(&across);
  const bool is_fast = HasAvx2();
  const int bytes = source.width * source.channels;
  scratch->sums.resize(bytes);
  // A row in its own channels, one in three, and one that is written beyond its end.
  const size_t wide = static_cast<size_t>(source.width) * 3 + kReadBeyond;
  const size_t reach = static_cast<size_t>(across.count) * 3 + kReadBeyond;
  scratch->rows.assign(2 * (wide + reach) + side * 3 + kReadBeyond, 0);
  uint8_t* row = scratch->rows.data();
  uint8_t* colors = source.channels == 3 ? row : row + wide + reach;
  uint8_t* line = scratch->rows.data() + 2 * (wide + reach);
  if (is_fast) SpreadWeights(across, side, &scratch->weights);
  for (int y = 0; y < side; y++) {
    const uint8_t* first = source.pixels + static_cast<size_t>(down.begins[y]) * bytes;
    const int16_t* weights = &down.weights[static_cast<size_t>(y) * down.count];
    if (is_fast) AddRowsAvx2(first, bytes, bytes, weights, down.count, row);
    else AddRows(first, bytes, bytes, weights, down.count, scratch->sums.data(), row);
    if (source.channels == 1) RepeatGray(row, source.width, colors);
    if (is_fast) AddColumnsAvx2(colors, across, scratch->weights.data(), side, line);
    else AddColumns(colors, across, side, line);
    std::memcpy(output + static_cast<size_t>(y) * side * 3, line, static_cast<size_t>(side) * 3);
  }
}

}  // namespace crescendo
