// Sums that a run's gradients are added to while the backward pass is still under way: the op
// CrescendoAccumulate takes a gradient as soon as it exists.
#ifndef CRESCENDO_ACCUMULATE_H_
#define CRESCENDO_ACCUMULATE_H_

#include <node_api.h>

#include <atomic>
#include <cstdint>
#include <vector>

#include "napi_support.h"

namespace crescendo {

// The sums of one run of a graph. Vectors are as long as the flat vector that the ops' offsets are
// in.
class Accumulation {
 public:
  ~Accumulation();

  // Reads { graph, held, target, formats, counts, onBucket }, see lib/tensorflow/addon.ts.
  // @returns false after an error was thrown
  bool Read(napi_env env, napi_value object, References* references);

  // Adds a gradient of `elements` values at `offset`, which belongs to `bucket`.
  // @returns false where that is outside of what was read
  bool Add(const float* gradient, int64_t elements, int64_t offset, int64_t bucket);

  bool IsFinite() const { return is_finite_.load(); }

  // Ops of this graph find this from now on, or nothing any more.
  void Begin();
  void End();

 private:
  int64_t graph_ = 0;
  // Sums of the tree's siblings, the nearest first; without any the gradient itself is kept.
  std::vector<const float*> held_;
  float* target_ = nullptr;
  int64_t elements_ = 0;
  std::vector<int32_t> formats_;
  // Gradients that each bucket still waits for.
  std::vector<std::atomic<int32_t>> missing_;
  std::atomic<bool> is_finite_{true};
  // Null where nobody wants to know of buckets.
  napi_threadsafe_function on_bucket_ = nullptr;
};

}  // namespace crescendo

#endif
