#include "mapped_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "napi_support.h"

namespace crescendo {
namespace {

struct Mapping {
  void* data;
  size_t size;
};

void Unmap(napi_env, void*, void* hint) {
  const std::unique_ptr<Mapping> mapping(static_cast<Mapping*>(hint));
  munmap(mapping->data, mapping->size);
}

// Zeros behind the file belong to an anonymous mapping, into which the file's is put: a page that
// the file does not reach at all could not be read.
void* Map(int file, size_t bytes, size_t size) {
  void* const all = mmap(nullptr, size, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (all == MAP_FAILED) return nullptr;
  if (mmap(all, bytes, PROT_READ, MAP_SHARED | MAP_FIXED, file, 0) != MAP_FAILED) return all;
  munmap(all, size);
  return nullptr;
}

}  // namespace

napi_value MapFile(napi_env env, napi_callback_info info) {
  napi_value args[3];
  if (!GetArguments(env, info, 3, args)) return nullptr;
  const auto bytes = static_cast<size_t>(GetNumber(env, args[1]));
  const size_t size = bytes + static_cast<size_t>(GetNumber(env, args[2]));
  const int file = open(GetString(env, args[0]).c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return nullptr;
  struct stat found;
  const bool is_whole = fstat(file, &found) == 0 && static_cast<size_t>(found.st_size) == bytes;
  void* const data = is_whole && bytes > 0 ? Map(file, bytes, size) : nullptr;
  close(file);
  if (data == nullptr) return nullptr;
  napi_value buffer, array;
  auto mapping = std::make_unique<Mapping>(Mapping{data, size});
  if (napi_create_external_arraybuffer(env, data, size, Unmap, mapping.get(), &buffer) != napi_ok) {
    munmap(data, size);
    return nullptr;
  }
  mapping.release();
  napi_create_typedarray(env, napi_uint8_array, size, buffer, 0, &array);
  return array;
}

}  // namespace crescendo
