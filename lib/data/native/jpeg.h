// Decoding of a part of a JPEG image.
#ifndef CRESCENDO_JPEG_H_
#define CRESCENDO_JPEG_H_

#include <cstdint>
#include <string>
#include <vector>

#include "resample.h"

namespace crescendo {

// Whole pixels of the image.
struct Box {
  int left;
  int top;
  int width;
  int height;
};

// A decoded part of an image, and where the box lies in it, in its own pixels.
struct DecodedBox {
  PixelView view;
  Span columns;
  Span rows;
};

// Decodes `box` of a JPEG image of imageWidth x imageHeight pixels to RGB, scaled by 1, 2, 4 or 8
// while it is decoded, as long as the box keeps `side` pixels each way. The view is into `pixels`.
// @returns what is wrong; empty where it is decoded
std::string DecodeJpegBox(const uint8_t* data, size_t size, int image_width, int image_height,
                          const Box& box, int side, std::vector<uint8_t>* pixels,
                          DecodedBox* decoded);

}  // namespace crescendo

#endif
