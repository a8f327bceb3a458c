// The largest magnitudes of a vector; lib/collective/kernels/compression.ts has the same in
// JavaScript.
#ifndef CRESCENDO_SELECT_LARGEST_H_
#define CRESCENDO_SELECT_LARGEST_H_

#include <cstddef>
#include <cstdint>

namespace crescendo {

// Ascending indices of the `wanted` largest magnitudes, zeros left out, of equal ones the first.
// @returns how many were written
size_t SelectLargest(uint32_t* indices, size_t wanted, const float* values, size_t count);

}  // namespace crescendo

#endif
