// One image of a micro-batch: read, decoded, resampled, mirrored, shifted, distorted.
#ifndef CRESCENDO_RENDER_H_
#define CRESCENDO_RENDER_H_

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "jpeg.h"
#include "resample.h"

namespace crescendo {

// Where bytes are: in memory, or from `path` where `data` is null.
struct Source {
  const uint8_t* data = nullptr;
  size_t size = 0;
  std::string path;
};

// What the time of a thread goes into.
enum Stage { kReading, kDecoding, kResampling, kDistorting, kStageCount };

using StageNanoseconds = std::array<int64_t, kStageCount>;

// Memory that a thread uses again for each image.
struct RenderScratch {
  std::vector<uint8_t> file;
  std::vector<uint8_t> pixels;
  std::vector<uint8_t> square;
  std::vector<uint8_t> distorted;
  ResampleScratch resample;
  // For the last image.
  StageNanoseconds spent;
};

// Fields of a row of a plan, as encodePlan() of lib/data/native-renderer.ts writes them. Behind
// them are the distortions: each its kind and kDistortionArguments numbers.
enum PlanField {
  kIsEncoded,  // 1: a JPEG image; 0: pixels, of which `source` has kReadBeyond bytes more
  kSource,
  kOffset,
  kLength,  // of encoded bytes; 0: to the end of the source
  kWidth,
  kHeight,
  kChannels,
  kLeft,
  kTop,
  kBoxWidth,
  kBoxHeight,
  kFlip,
  kShiftX,
  kShiftY,
  kDistortionCount,
  kFieldCount,
};

constexpr int kDistortionsMax = 4;
constexpr int kPlanStride = kFieldCount + kDistortionsMax * 7;

struct RenderSettings {
  int side;
  Filter filter;
};

// Writes side x side x 3 bytes. @returns what is wrong; empty where it is rendered
std::string Render(const double* plan, const std::vector<Source>& sources,
                   const RenderSettings& settings, RenderScratch* scratch, uint8_t* output);

}  // namespace crescendo

#endif
