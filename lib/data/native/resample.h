// Resampling of uint8 images to squares, one axis after the other, in fixed point.
#ifndef CRESCENDO_RESAMPLE_H_
#define CRESCENDO_RESAMPLE_H_

#include <cstdint>
#include <vector>

namespace crescendo {

// How a filter weighs pixels by their distance. Both widen with the scale when they shrink.
enum class Filter { kTriangle = 0, kCubic = 1 };

// Part of an axis in pixels of the source; may be fractional.
struct Span {
  double start;
  double length;
};

// Rows of interleaved channels without gaps.
struct PixelView {
  const uint8_t* pixels;
  int width;
  int height;
  int channels;  // 1 or 3
};

// For each output coordinate the first source index that it reads, and `count` weights that add up
// to one in fixed point; weights behind those of a filter are 0, so that all coordinates have as
// many.
struct Taps {
  int count = 0;
  std::vector<int> begins;
  std::vector<int16_t> weights;
};

// The pixels of a span around the center of an output coordinate.
struct Reach {
  double center;
  int begin;
  int end;
};

// Memory that a thread uses again for each image.
struct ResampleScratch {
  Taps down;
  Taps across;
  std::vector<Reach> reaches;
  std::vector<double> exact;
  std::vector<uint8_t> rows;
  std::vector<int32_t> sums;
  std::vector<int16_t> weights;
};

// Writes `columns` x `rows` of `source` as side x side x 3 bytes; gray is repeated in the three
// channels. `flip` mirrors left and right. Memory of `source` is readable up to kReadBeyond bytes
// behind its end. The same bits as resample() of lib/data/transforms/resample.ts.
void Resample(const PixelView& source, Span columns, Span rows, Filter filter, bool flip, int side,
              ResampleScratch* scratch, uint8_t* output);

// Vector instructions read whole registers.
constexpr int kReadBeyond = 64;

}  // namespace crescendo

#endif
