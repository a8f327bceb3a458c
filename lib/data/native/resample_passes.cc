#include "resample_passes.h"

#include <algorithm>
#include <cstring>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace crescendo {
namespace {

inline uint8_t Clamped(int32_t sum) {
  return static_cast<uint8_t>(std::min(255, std::max(0, sum >> kBits)));
}

void AddRowsPlain(const uint8_t* source, int bytes, const int16_t* weights, int count,
                  int32_t* sums, uint8_t* output) {
  std::fill(sums, sums + bytes, kHalf);
  for (int tap = 0; tap < count; tap++) {
    const int32_t weight = weights[tap];
    if (weight == 0) continue;
    const uint8_t* row = source + static_cast<size_t>(tap) * bytes;
    for (int at = 0; at < bytes; at++) sums[at] += weight * row[at];
  }
  for (int at = 0; at < bytes; at++) output[at] = Clamped(sums[at]);
}

void AddPixel(const uint8_t* row, const Taps& taps, int x, uint8_t* output) {
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

void AddColumnsPlain(const uint8_t* row, const Taps& taps, uint8_t* output) {
  for (int x = 0; x < static_cast<int>(taps.begins.size()); x++) AddPixel(row, taps, x, output);
}

#if defined(__x86_64__)

#define CRESCENDO_AVX2 __attribute__((target("avx2")))

// Two rows at once: their bytes lie side by side as 16-bit pairs, which one instruction multiplies
// by their two weights and adds.
CRESCENDO_AVX2 void AddRowsAvx2(const uint8_t* source, int bytes, const int16_t* weights,
                                int count, uint8_t* output) {
  for (int at = 0; at < bytes; at += 32) {
    __m256i sums[4];
    for (__m256i& sum : sums) sum = _mm256_set1_epi32(kHalf);
    for (int tap = 0; tap < count; tap += 2) {
      const int32_t pair = (weights[tap] & 0xffff) | (weights[tap + 1] << 16);
      if (pair == 0) continue;
      const __m256i both = _mm256_set1_epi32(pair);
      const uint8_t* from = source + static_cast<size_t>(tap) * bytes + at;
      // The row of a weight that is 0 may lie beyond the image.
      const uint8_t* next = weights[tap + 1] == 0 ? from : from + bytes;
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
void SpreadWeights(const Taps& taps, std::vector<int16_t>* spread) {
  const int side = static_cast<int>(taps.begins.size());
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

CRESCENDO_AVX2 void AddColumnsAvx2(const uint8_t* row, const Taps& taps, const int16_t* spread,
                                   uint8_t* output) {
  const int side = static_cast<int>(taps.begins.size());
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

#define CRESCENDO_VBMI __attribute__((target("avx512f,avx512bw,avx512vbmi")))

// Pixels whose sums one register holds.
constexpr int kQuad = 4;

// Whether one register holds what each four neighbors of a line read, and one their weights.
bool FitQuads(const Taps& taps) {
  const int side = static_cast<int>(taps.begins.size());
  if (taps.count > 2 * kGroup) return false;
  for (int x = 0; x + kQuad <= side; x += kQuad) {
    const auto [low, high] = std::minmax_element(&taps.begins[x], &taps.begins[x] + kQuad);
    if ((*high - *low + taps.count) * 3 > 64) return false;
  }
  return true;
}

// Sums of four pixels: their bytes are gathered from one register, two taps at a time.
CRESCENDO_VBMI inline __m128i QuadVbmi(const uint8_t* row, const int* begins,
                                       const int16_t* weights, int count) {
  // The pixel of each sum; there are four for each, of which the last is not used.
  const __m512i pixel = _mm512_setr_epi32(0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3);
  // Columns of a mirrored line descend.
  const int low = std::min(begins[0], begins[kQuad - 1]);
  const __m512i source = _mm512_loadu_si512(row + low * 3);
  const __m128i starts = _mm_loadu_si128(reinterpret_cast<const __m128i*>(begins));
  // The first byte of each pixel, in all bytes of its number.
  const __m128i offsets =
      _mm_mullo_epi32(_mm_sub_epi32(starts, _mm_set1_epi32(low)), _mm_set1_epi32(0x03030303));
  // For each pixel the bytes of taps 0 and 1, to be widened: r0 . r1 . g0 . g1 . b0 . b1 . . . . .
  const __m512i colors = _mm512_broadcast_i32x4(
      _mm_setr_epi8(0, 0, 3, 0, 1, 0, 4, 0, 2, 0, 5, 0, 0, 0, 0, 0));
  __m512i places =
      _mm512_add_epi8(colors, _mm512_permutexvar_epi32(pixel, _mm512_castsi128_si512(offsets)));
  const __m512i pairs = _mm512_loadu_si512(weights);
  __m512i pair = _mm512_mullo_epi32(pixel, _mm512_set1_epi32(count / 2));
  __m512i sum = _mm512_set1_epi32(kHalf);
  for (int tap = 0; tap < count; tap += 2) {
    const __m512i channels = _mm512_maskz_permutexvar_epi8(0x0555055505550555, places, source);
    const __m512i both = _mm512_permutexvar_epi32(pair, pairs);
    sum = _mm512_add_epi32(sum, _mm512_madd_epi16(channels, both));
    places = _mm512_add_epi8(places, _mm512_set1_epi8(6));
    pair = _mm512_add_epi32(pair, _mm512_set1_epi32(1));
  }
  sum = _mm512_max_epi32(_mm512_srai_epi32(sum, kBits), _mm512_setzero_si512());
  return _mm512_cvtusepi32_epi8(sum);
}

CRESCENDO_VBMI void AddColumnsVbmi(const uint8_t* row, const Taps& taps, uint8_t* output) {
  const int side = static_cast<int>(taps.begins.size());
  const __m128i squeeze = _mm_setr_epi8(0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, -1, -1, -1, -1);
  int x = 0;
  for (; x + kQuad <= side; x += kQuad) {
    const int16_t* weights = &taps.weights[static_cast<size_t>(x) * taps.count];
    const __m128i bytes = QuadVbmi(row, &taps.begins[x], weights, taps.count);
    _mm_storeu_si128(reinterpret_cast<__m128i*>(output + x * 3),
                     _mm_shuffle_epi8(bytes, squeeze));
  }
  for (; x < side; x++) AddPixel(row, taps, x, output);
}

bool HasAvx2() {
  static const bool has = __builtin_cpu_supports("avx2");
  return has;
}

bool HasVbmi() {
  static const bool has =
      __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vbmi");
  return has;
}

#else

bool HasAvx2() { return false; }
bool HasVbmi() { return false; }
bool FitQuads(const Taps&) { return false; }
void AddRowsAvx2(const uint8_t*, int, const int16_t*, int, uint8_t*) {}
void SpreadWeights(const Taps&, std::vector<int16_t>*) {}
void AddColumnsAvx2(const uint8_t*, const Taps&, const int16_t*, uint8_t*) {}
void AddColumnsVbmi(const uint8_t*, const Taps&, uint8_t*) {}

#endif

}  // namespace

void AddRows(const uint8_t* source, int bytes, const int16_t* weights, int count,
             std::vector<int32_t>* sums, uint8_t* output) {
  if (HasAvx2()) return AddRowsAvx2(source, bytes, weights, count, output);
  sums->resize(bytes);
  AddRowsPlain(source, bytes, weights, count, sums->data(), output);
}

ColumnsPass::ColumnsPass(const Taps& taps, std::vector<int16_t>* spread)
    : taps_(taps), spread_(*spread) {
  form_ = HasVbmi() && FitQuads(taps) ? Form::kVbmi : HasAvx2() ? Form::kAvx2 : Form::kPlain;
  if (form_ == Form::kAvx2) SpreadWeights(taps, spread);
}

void ColumnsPass::Run(const uint8_t* row, uint8_t* line) const {
  switch (form_) {
    case Form::kPlain:
      return AddColumnsPlain(row, taps_, line);
    case Form::kAvx2:
      return AddColumnsAvx2(row, taps_, spread_.data(), line);
    case Form::kVbmi:
      return AddColumnsVbmi(row, taps_, line);
  }
}

}  // namespace crescendo
