#include "parallel.h"

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>

namespace crescendo {
namespace {

// Turns that an idle thread looks for work before it sleeps: some ten microseconds, about as long
// as the next loop of the same step takes to come.
constexpr int kSpins = 2000;

inline void Pause() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#endif
}

// One loop. Helpers may come late, or not at all: the caller waits for indices that were taken, not
// for threads, and what a late helper finds has nothing left to take.
struct Loop {
  const std::function<void(int64_t)>* work;
  int64_t count;
  std::atomic<int64_t> next{0};
  std::atomic<int64_t> done{0};

  void Take() {
    for (int64_t i = next.fetch_add(1); i < count; i = next.fetch_add(1)) {
      (*work)(i);
      done.fetch_add(1, std::memory_order_release);
    }
  }
};

class Pool {
 public:
  explicit Pool(int helpers) {
    for (int i = 0; i < helpers; i++) std::thread([this] { Help(); }).detach();
  }

  // False when another loop is under way.
  bool Run(int64_t count, const std::function<void(int64_t)>& work) {
    const std::unique_lock<std::mutex> only(running_, std::try_to_lock);
    if (!only.owns_lock()) return false;
    const auto loop = std::make_shared<Loop>();
    loop->work = &work;
    loop->count = count;
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      loop_ = loop;
      round_.fetch_add(1);
    }
    wake_.notify_all();
    loop->Take();
    while (loop->done.load(std::memory_order_acquire) < count) Pause();
    return true;
  }

 private:
  void Help() {
    uint64_t seen = 0;
    for (;;) {
      for (int spin = 0; spin < kSpins && round_.load() == seen; spin++) Pause();
      std::shared_ptr<Loop> loop;
      {
        std::unique_lock<std::mutex> lock(mutex_);
        wake_.wait(lock, [&] { return round_.load() != seen; });
        seen = round_.load();
        loop = loop_;
      }
      loop->Take();
    }
  }

  std::mutex running_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::atomic<uint64_t> round_{0};
  std::shared_ptr<Loop> loop_;
};

std::mutex settings;
// Never freed: its threads live as long as the process.
Pool* pool = nullptr;
int pool_threads = 1;

}  // namespace

void SetThreads(int threads) {
  const std::lock_guard<std::mutex> lock(settings);
  if (threads == pool_threads || pool != nullptr) return;
  pool_threads = threads;
  if (threads > 1) pool = new Pool(threads - 1);
}

void InParallel(int64_t count, const std::function<void(int64_t)>& work) {
  if (count > 1 && pool != nullptr && pool->Run(count, work)) return;
  for (int64_t i = 0; i < count; i++) work(i);
}

}  // namespace crescendo
