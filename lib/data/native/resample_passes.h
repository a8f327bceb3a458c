// The two passes of resampling: sums of rows, and sums of pixels within a row. Vector instructions
// are used where the processor has them; the bits are the same.
#ifndef CRESCENDO_RESAMPLE_PASSES_H_
#define CRESCENDO_RESAMPLE_PASSES_H_

#include <cstdint>
#include <vector>

#include "resample.h"

namespace crescendo {

// Weights are whole numbers of 1 / kOne.
constexpr int kBits = 14;
constexpr int kOne = 1 << kBits;
constexpr int kHalf = kOne / 2;
// The count of taps is a multiple of this: one vector instruction multiplies as many.
constexpr int kGroup = 4;
// Bytes that ColumnsPass may write behind a line.
constexpr int kWrittenBeyond = 4;

// Writes the sum of `count` rows of `bytes` bytes, the first at `source`. Up to kReadBeyond bytes
// behind the rows are read, and behind `output` written.
void AddRows(const uint8_t* source, int bytes, const int16_t* weights, int count,
             std::vector<int32_t>* sums, uint8_t* output);

// Makes lines of output out of rows of 3 channels.
class ColumnsPass {
 public:
  // `spread` is memory that is used again for each image; it and the taps outlive this.
  ColumnsPass(const Taps& taps, std::vector<int16_t>* spread);

  // Reads up to kReadBeyond bytes behind the row, and writes kWrittenBeyond behind the line.
  void Run(const uint8_t* row, uint8_t* line) const;

 private:
  enum class Form { kPlain, kAvx2, kVbmi };
  const Taps& taps_;
  const std::vector<int16_t>& spread_;
  Form form_;
};

}  // namespace crescendo

#endif
