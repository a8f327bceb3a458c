#include "resample.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "resample_passes.h"

namespace crescendo {
namespace {

double SupportOf(Filter filter) { return filter == Filter::kTriangle ? 1 : 2; }

// Weight at a distance in widths of the filter. Cubic: Keys, "Cubic convolution interpolation for
// digital image processing" (1981), a = -1/2, which has the published bicubic's third-order error.
double WeightAt(Filter filter, double distance) {
  const double x = std::abs(distance);
  if (filter == Filter::kTriangle) return x < 1 ? 1 - x : 0;
  if (x < 1) return ((1.5 * x - 2.5) * x) * x + 1;
  return x < 2 ? (((-0.5 * x + 2.5) * x) - 4) * x + 2 : 0;
}

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

void FindTaps(Span span, int length, Filter filter, int side, ResampleScratch* scratch,
              Taps* taps) {
  const double scale = std::max(1.0, span.length / side);
  const double radius = SupportOf(filter) * scale;
  taps->begins.resize(side);
  scratch->reaches.resize(side);
  int count = 0;
  for (int i = 0; i < side; i++) {
    const Reach reach = ReachOf(span, length, side, radius, i);
    scratch->reaches[i] = reach;
    taps->begins[i] = reach.begin;
    count = std::max(count, reach.end - reach.begin);
  }
  taps->count = (count + kGroup - 1) / kGroup * kGroup;
  taps->weights.assign(static_cast<size_t>(side) * taps->count + kReadBeyond / 2, 0);
  scratch->exact.resize(taps->count);
  double* weights = scratch->exact.data();
  for (int i = 0; i < side; i++) {
    const auto [center, begin, end] = scratch->reaches[i];
    double total = 0;
    for (int at = begin; at < end; at++) {
      weights[at - begin] = WeightAt(filter, (at + 0.5 - center) / scale);
      total += weights[at - begin];
    }
    Quantize(weights, total, end - begin, &taps->weights[static_cast<size_t>(i) * taps->count]);
  }
}

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
  const Taps& down = scratch->down;
  Taps& across = scratch->across;
  FindTaps(rows, source.height, filter, side, scratch, &scratch->down);
  FindTaps(columns, source.width, filter, side, scratch, &across);
  if (flip) Mirror(&across);
  const ColumnsPass columns_pass(across, &scratch->weights);
  const int bytes = source.width * source.channels;
  const int line_bytes = side * 3;
  // A row in its own channels, one in three, and a line.
  const size_t wide = static_cast<size_t>(source.width + across.count) * 3 + 2 * kReadBeyond;
  scratch->rows.resize(2 * wide + line_bytes + kReadBeyond);
  uint8_t* row = scratch->rows.data();
  uint8_t* colors = source.channels == 3 ? row : row + wide;
  uint8_t* last_line = scratch->rows.data() + 2 * wide;
  for (int y = 0; y < side; y++) {
    const uint8_t* first = source.pixels + static_cast<size_t>(down.begins[y]) * bytes;
    const int16_t* weights = &down.weights[static_cast<size_t>(y) * down.count];
    AddRows(first, bytes, weights, down.count, &scratch->sums, row);
    if (source.channels == 1) RepeatGray(row, source.width, colors);
    uint8_t* target = output + static_cast<size_t>(y) * line_bytes;
    // What is written beyond a line is written again with the next, where that is long enough.
    const bool is_kept = y + 1 < side && line_bytes >= kWrittenBeyond;
    uint8_t* line = is_kept ? target : last_line;
    columns_pass.Run(colors, line);
    if (!is_kept) std::memcpy(target, line, line_bytes);
  }
}

}  // namespace crescendo
