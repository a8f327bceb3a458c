// Loops on several threads, for the addon's own kernels and updates.
#ifndef CRESCENDO_PARALLEL_H_
#define CRESCENDO_PARALLEL_H_

#include <cstdint>
#include <functional>

namespace crescendo {

// Threads of a loop, the caller's included; set before the first loop, 1 until then.
void SetThreads(int threads);

// Calls work(i) for i in [0, count), each once, in any order and on any thread; returns when all
// are done. A loop that finds the threads taken by another runs on the caller's alone.
void InParallel(int64_t count, const std::function<void(int64_t)>& work);

}  // namespace crescendo

#endif
