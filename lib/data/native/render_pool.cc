#include "render_pool.h"

namespace crescendo {
namespace {

void RenderOne(RenderJob* job, int index, RenderScratch* scratch) {
  const size_t image_bytes = static_cast<size_t>(job->settings.side) * job->settings.side * 3;
  std::string wrong;
  try {
    wrong = Render(job->plans + static_cast<size_t>(index) * kPlanStride, job->sources,
                   job->settings, scratch, job->output + index * image_bytes);
  } catch (const std::bad_alloc&) {
    wrong = "there is no memory to decode it";
  }
  if (wrong.empty()) return;
  const std::lock_guard<std::mutex> lock(job->failures_mutex);
  job->failures.emplace_back(index, wrong);
}

}  // namespace

RenderPool::RenderPool(int threads) {
  for (int i = 0; i < threads; i++) threads_.emplace_back([this] { Work(); });
}

void RenderPool::Add(std::shared_ptr<RenderJob> job) {
  job->left = job->count;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    jobs_.push_back(std::move(job));
  }
  wake_.notify_all();
}

StageNanoseconds RenderPool::Spent() const {
  StageNanoseconds spent;
  for (int stage = 0; stage < kStageCount; stage++) spent[stage] = spent_[stage];
  return spent;
}

void RenderPool::Stop() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    is_stopped_ = true;
  }
  wake_.notify_all();
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
}

// The first job with images that nobody has taken; null when the pool is stopped.
std::shared_ptr<RenderJob> RenderPool::Front() {
  std::unique_lock<std::mutex> lock(mutex_);
  for (;;) {
    if (is_stopped_) return nullptr;
    while (!jobs_.empty() && jobs_.front()->next >= jobs_.front()->count) jobs_.pop_front();
    if (!jobs_.empty()) return jobs_.front();
    wake_.wait(lock);
  }
}

void RenderPool::Work() {
  RenderScratch scratch;
  while (const std::shared_ptr<RenderJob> job = Front()) {
    for (int index; (index = job->next++) < job->count;) {
      RenderOne(job.get(), index, &scratch);
      for (int stage = 0; stage < kStageCount; stage++) spent_[stage] += scratch.spent[stage];
      if (--job->left == 0) job->on_done();
    }
  }
}

}  // namespace crescendo
