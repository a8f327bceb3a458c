// [..., C] as rows of C cut into blocks that a core's cache holds: the unit of work of a thread and
// of summing, so that the number of threads does not change a bit.
#ifndef CRESCENDO_ROW_BLOCKS_H_
#define CRESCENDO_ROW_BLOCKS_H_

#include <algorithm>
#include <vector>

#include "kernel_support.h"
#include "parallel.h"

namespace crescendo {

struct RowBlocks {
  int64_t rows = 0;  // 0 when the input is empty
  int64_t channels = 0;
  int64_t block_rows = 1;
  int64_t blocks = 0;

  explicit RowBlocks(const Input& x) {
    constexpr int64_t kBlockElements = 16384;
    channels = x.dims.empty() ? 0 : x.dims.back();
    rows = channels == 0 ? 0 : x.elements / channels;
    block_rows = std::max<int64_t>(1, kBlockElements / std::max<int64_t>(1, channels));
    blocks = (rows + block_rows - 1) / block_rows;
  }

  // Rows of a block.
  int64_t RowsOf(int64_t block) const {
    return std::min(block_rows, rows - block * block_rows);
  }

  // Calls work(block, offset of its first element, row count) for all blocks, on several threads.
  template <typename Work>
  void ForEach(const Work& work) const {
    InParallel(blocks, [&](int64_t block) {
      work(block, block * block_rows * channels, RowsOf(block));
    });
  }

  // Memory for sums of all blocks, `width` each, zeroed; null when there is none.
  float* AllocateSums(Kernel& kernel, int64_t width) const {
    float* sums = kernel.AllocateScratch(blocks * width);
    if (sums != nullptr) std::fill_n(sums, blocks * width, 0.0f);
    return sums;
  }

  // The blocks' sums, `width` each, joined in order, in double.
  std::vector<double> Join(const float* partial, int64_t width) const {
    std::vector<double> sums(width, 0);
    for (int64_t block = 0; block < blocks; block++) {
      const float* from = partial + block * width;
      for (int64_t i = 0; i < width; i++) sums[i] += from[i];
    }
    return sums;
  }
};

}  // namespace crescendo

#endif
