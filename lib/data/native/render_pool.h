// Threads that render the images of micro-batches.
#ifndef CRESCENDO_RENDER_POOL_H_
#define CRESCENDO_RENDER_POOL_H_

#include <array>
#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "render.h"

namespace crescendo {

// The images of one micro-batch. Memory behind pointers outlives it.
struct RenderJob {
  const double* plans = nullptr;  // kPlanStride numbers for each image
  int count = 0;
  std::vector<Source> sources;
  RenderSettings settings{};
  uint8_t* output = nullptr;
  // Called once, on any thread, when all images are done.
  std::function<void()> on_done;

  std::atomic<int> next{0};
  std::atomic<int> left{0};
  std::mutex failures_mutex;
  // Index and reason of each image that could not be rendered.
  std::vector<std::pair<int, std::string>> failures;
};

// Jobs are worked on in the order of their arrival, each by all threads.
class RenderPool {
 public:
  explicit RenderPool(int threads);
  RenderPool(const RenderPool&) = delete;
  // Leaves what is not begun.
  ~RenderPool() { Stop(); }

  void Add(std::shared_ptr<RenderJob> job);
  // The time of all threads since the start.
  StageNanoseconds Spent() const;
  void Stop();

 private:
  void Work();
  std::shared_ptr<RenderJob> Front();

  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::shared_ptr<RenderJob>> jobs_;
  bool is_stopped_ = false;
  std::array<std::atomic<int64_t>, kStageCount> spent_{};
  std::vector<std::thread> threads_;
};

}  // namespace crescendo

#endif
