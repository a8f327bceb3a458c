// Products of a matrix with few columns; lib/collective/kernels/compression.ts has the same in
// JavaScript. Factors are stored one column after another.
#ifndef CRESCENDO_LOW_RANK_H_
#define CRESCENDO_LOW_RANK_H_

#include <cstddef>

namespace crescendo {

struct LowRank {
  float* matrix = nullptr;  // Row-major.
  float* left = nullptr;
  float* right = nullptr;
  size_t rows = 0;
  size_t columns = 0;
  size_t rank = 0;
};

void Multiply(const LowRank& it);            // left = matrix * right
void MultiplyTransposed(const LowRank& it);  // right = transpose(matrix) * left
void Product(const LowRank& it);             // matrix = left * transpose(right)
void SubtractProduct(const LowRank& it);     // matrix -= left * transpose(right)

}  // namespace crescendo

#endif
