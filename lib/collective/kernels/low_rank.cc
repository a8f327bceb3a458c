#include "low_rank.h"

#include <algorithm>

#include "vectorized.h"

namespace crescendo {
namespace {

constexpr size_t kLanes = 16;
constexpr size_t kBlock = 512;

// In lanes, which are then added one after another: an order that no width of vectors changes.
inline float Dot(const float* one, const float* other, size_t count) {
  float lanes[kLanes] = {};
  const size_t whole = count / kLanes * kLanes;
  for (size_t i = 0; i < whole; i += kLanes) {
    CRESCENDO_INDEPENDENT
    for (size_t lane = 0; lane < kLanes; lane++) lanes[lane] += one[i + lane] * other[i + lane];
  }
  for (size_t i = whole; i < count; i++) lanes[i - whole] += one[i] * other[i];
  float total = 0;
  for (size_t lane = 0; lane < kLanes; lane++) total += lanes[lane];
  return total;
}

// Calls visit(begin of the block in the matrix, its values of the product, its length).
template <typename Visit>
inline void EachProductBlock(const LowRank& it, const Visit& visit) {
  float sums[kBlock];
  for (size_t row = 0; row < it.rows; row++) {
    for (size_t begin = 0; begin < it.columns; begin += kBlock) {
      const size_t length = std::min(kBlock, it.columns - begin);
      std::fill(sums, sums + length, 0.0f);
      for (size_t factor = 0; factor < it.rank; factor++) {
        const float weight = it.left[factor * it.rows + row];
        const float* right = it.right + factor * it.columns + begin;
        CRESCENDO_INDEPENDENT
        for (size_t i = 0; i < length; i++) sums[i] += weight * right[i];
      }
      visit(it.matrix + row * it.columns + begin, sums, length);
    }
  }
}

}  // namespace

CRESCENDO_VECTORIZED
void Multiply(const LowRank& it) {
  for (size_t row = 0; row < it.rows; row++) {
    for (size_t factor = 0; factor < it.rank; factor++) {
      it.left[factor * it.rows + row] =
          Dot(it.matrix + row * it.columns, it.right + factor * it.columns, it.columns);
    }
  }
}

CRESCENDO_VECTORIZED
void MultiplyTransposed(const LowRank& it) {
  std::fill(it.right, it.right + it.columns * it.rank, 0.0f);
  for (size_t row = 0; row < it.rows; row++) {
    const float* matrix = it.matrix + row * it.columns;
    for (size_t factor = 0; factor < it.rank; factor++) {
      const float weight = it.left[factor * it.rows + row];
      float* right = it.right + factor * it.columns;
      CRESCENDO_INDEPENDENT
      for (size_t i = 0; i < it.columns; i++) right[i] += matrix[i] * weight;
    }
  }
}

CRESCENDO_VECTORIZED
void Product(const LowRank& it) {
  EachProductBlock(it, [](float* matrix, const float* sums, size_t length) {
    std::copy(sums, sums + length, matrix);
  });
}

CRESCENDO_VECTORIZED
void SubtractProduct(const LowRank& it) {
  EachProductBlock(it, [](float* matrix, const float* sums, size_t length) {
    CRESCENDO_INDEPENDENT
    for (size_t i = 0; i < length; i++) matrix[i] -= sums[i];
  });
}

}  // namespace crescendo
