// Distortions of square uint8 RGB images, in place: the same bits as
// lib/data/transforms/distortions.ts, which says what each does.
#ifndef CRESCENDO_DISTORTIONS_H_
#define CRESCENDO_DISTORTIONS_H_

#include <cstdint>
#include <vector>

namespace crescendo {

// In the order of DISTORTION_KINDS.
enum class DistortionKind {
  kAutoContrast,
  kEqualize,
  kInvert,
  kWarp,
  kPosterize,
  kSolarize,
  kColor,
  kContrast,
  kBrightness,
  kSharpness,
  kFill,
  kSolarizeAdd,
  kNoise,
  kRandomPixels,
  kCount,
};

constexpr int kDistortionArguments = 6;

struct Distortion {
  DistortionKind kind;
  const double* arguments;  // kDistortionArguments of them
};

// `scratch` is memory that a thread uses again.
void Distort(const Distortion& distortion, int side, std::vector<uint8_t>* scratch,
             uint8_t* pixels);

}  // namespace crescendo

#endif
