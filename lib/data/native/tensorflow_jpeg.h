// TensorFlow's libjpeg-turbo, which its library exports: a part of
// tensorflow/core/lib/jpeg/jpeg_mem.h of TensorFlow 2.21, which our set-up does not unpack.
#ifndef CRESCENDO_TENSORFLOW_JPEG_H_
#define CRESCENDO_TENSORFLOW_JPEG_H_

#include <cstdint>
#include <functional>

namespace tensorflow {
namespace jpeg {

struct UncompressFlags {
  int ratio = 1;
  int components = 0;
  bool fancy_upscaling = true;
  bool try_recover_truncated_jpeg = false;
  float min_acceptable_fraction = 1.0f;
  int stride = 0;
  int dct_method = 0;  // JDCT_ISLOW, the accurate one
  bool crop = false;
  // The crop is in pixels of the image after scaling by 1 / ratio.
  int crop_x = 0;
  int crop_y = 0;
  int crop_width = 0;
  int crop_height = 0;
};

// Calls `allocate` with width, height and components of the result. @returns null where it fails
uint8_t* Uncompress(const void* source, int size, const UncompressFlags& flags, int64_t* warnings,
                    std::function<uint8_t*(int, int, int)> allocate);

// Reads the header. @returns whether it could
bool GetImageInfo(const void* source, int size, int* width, int* height, int* components);

}  // namespace jpeg
}  // namespace tensorflow

#endif
