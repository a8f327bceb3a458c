#include "out_of_memory.h"

#include <unistd.h>

#include <cstdlib>
#include <exception>
#include <new>

namespace crescendo {
namespace {

std::terminate_handler previous_terminate = nullptr;

[[noreturn]] void Die() {
  // By the system call alone: whatever takes memory would fail again.
  const char message[] =
      "error CRESCENDO_OUT_OF_MEMORY: this process can get no more memory, at a place where that "
      "ends it: raise batch.microBatches, choose smaller images or a smaller model, or raise the "
      "limit (ulimit -v, or that of the container)\n";
  const ssize_t written = write(STDERR_FILENO, message, sizeof message - 1);
  static_cast<void>(written);
  std::abort();
}

// Some libraries throw bad_alloc by themselves.
[[noreturn]] void Terminate() {
  if (const std::exception_ptr thrown = std::current_exception()) {
    try {
      std::rethrow_exception(thrown);
    } catch (const std::bad_alloc&) {
      Die();
    } catch (...) {
    }
  }
  if (previous_terminate != nullptr) previous_terminate();
  std::abort();
}

}  // namespace

void DieWhenOutOfMemory() {
  std::set_new_handler([] { Die(); });
  previous_terminate = std::set_terminate(Terminate);
}

}  // namespace crescendo
