#include "accumulate.h"

#include <algorithm>
#include <map>
#include <mutex>

#include "kernel_support.h"
#include "kernels.h"
#include "parallel.h"
#include "value_formats.h"
#include "vectorized.h"

namespace crescendo {
namespace {

// Values that one thread adds at a time.
constexpr int64_t kPieceElements = 1 << 16;
// Values whose sums stay in the first-level cache between one vector and the next.
constexpr int64_t kBlockElements = 2048;

std::mutex running_mutex;
// By graph; TensorFlow gives ops no way to reach the run that they are part of.
std::map<int64_t, Accumulation*> running;

Accumulation* Find(int64_t graph) {
  const std::lock_guard<std::mutex> lock(running_mutex);
  const auto found = running.find(graph);
  return found == running.end() ? nullptr : found->second;
}

template <typename Format>
inline bool AddBlock(const float* gradient, const std::vector<const float*>& held, float* target,
                     int64_t offset, int64_t count) {
  float sum[kBlockElements];
  uint32_t found = 0;
  for (int64_t i = 0; i < count; i++) {
    found |= static_cast<uint32_t>((BitsOf(gradient[i]) & kInfinity) == kInfinity);
    sum[i] = Format::Round(gradient[i]);
  }
  for (const float* vector : held) {
    const float* other = vector + offset;
    for (int64_t i = 0; i < count; i++) sum[i] = Format::Round(other[i] + sum[i]);
  }
  std::copy(sum, sum + count, target + offset);
  return found == 0;
}

#define CRESCENDO_ADD_PIECE(Format)                                                           \
  CRESCENDO_VECTORIZED                                                                        \
  bool AddPiece##Format(const float* gradient, const std::vector<const float*>& held,         \
                        float* target, int64_t offset, int64_t count) {                       \
    bool is_finite = true;                                                                    \
    for (int64_t at = 0; at < count; at += kBlockElements) {                                  \
      const int64_t part = std::min(kBlockElements, count - at);                              \
      is_finite &= AddBlock<Format>(gradient + at, held, target, offset + at, part);          \
    }                                                                                         \
    return is_finite;                                                                         \
  }

CRESCENDO_ADD_PIECE(Float32)
CRESCENDO_ADD_PIECE(Bfloat16)
CRESCENDO_ADD_PIECE(Float16)

// By number of the format, as in lib/collective/kernels/vector.ts.
constexpr decltype(&AddPieceFloat32) kAddPiece[] = {AddPieceFloat32, AddPieceBfloat16,
                                                    AddPieceFloat16};

bool ReadIntegers(napi_env env, napi_value object, const char* name, std::vector<int32_t>* out) {
  Bytes bytes;
  if (!GetTypedArray(env, GetProperty(env, object, name), &bytes)) return false;
  const auto* values = static_cast<const int32_t*>(bytes.data);
  out->assign(values, values + bytes.size / sizeof(int32_t));
  return true;
}

void CallOnBucket(napi_env env, napi_value callback, void*, void* bucket) {
  if (env == nullptr) return;  // The thread is ending.
  napi_value number, undefined;
  napi_create_double(env, static_cast<double>(reinterpret_cast<intptr_t>(bucket)), &number);
  napi_get_undefined(env, &undefined);
  napi_call_function(env, undefined, callback, 1, &number, nullptr);
}

struct Attributes {
  int64_t graph;
  int64_t offset;
  int64_t bucket;
};

// Input: a gradient. No output: what it is for is its effect.
void ComputeAccumulate(const Attributes& attributes, Kernel& kernel) {
  const Input gradient = kernel.GetInput(0);
  if (!kernel.IsOk()) return;
  Accumulation* const accumulation = Find(attributes.graph);
  if (accumulation == nullptr) return kernel.Fail("the run has nothing to accumulate to");
  if (!accumulation->Add(gradient.data, gradient.elements, attributes.offset, attributes.bucket)) {
    kernel.Fail("a gradient lies outside of the vector");
  }
}

}  // namespace

Accumulation::~Accumulation() {
  if (on_bucket_ != nullptr) napi_release_threadsafe_function(on_bucket_, napi_tsfn_release);
}

bool Accumulation::Read(napi_env env, napi_value object, References* references) {
  graph_ = static_cast<int64_t>(GetNumber(env, GetProperty(env, object, "graph")));
  const napi_value target = GetProperty(env, object, "target");
  Bytes bytes;
  if (!GetTypedArray(env, target, &bytes)) return false;
  references->Keep(env, target);
  target_ = static_cast<float*>(bytes.data);
  elements_ = static_cast<int64_t>(bytes.size / sizeof(float));
  for (const napi_value one : GetElements(env, GetProperty(env, object, "held"))) {
    Bytes held;
    if (!GetTypedArray(env, one, &held)) return false;
    if (held.size != bytes.size) {
      Throw(env, "vectors to accumulate must be of one length");
      return false;
    }
    references->Keep(env, one);
    held_.push_back(static_cast<const float*>(held.data));
  }
  std::vector<int32_t> counts;
  if (!ReadIntegers(env, object, "formats", &formats_)) return false;
  if (!ReadIntegers(env, object, "counts", &counts)) return false;
  const bool are_known = std::all_of(formats_.begin(), formats_.end(),
                                     [](int32_t format) { return format >= 0 && format < 3; });
  if (counts.size() != formats_.size() || !are_known) {
    Throw(env, "each bucket needs a count, and a format of 0, 1 or 2");
    return false;
  }
  missing_ = std::vector<std::atomic<int32_t>>(counts.size());
  for (size_t i = 0; i < counts.size(); i++) missing_[i].store(counts[i]);
  const napi_value callback = GetProperty(env, object, "onBucket");
  napi_valuetype type;
  napi_typeof(env, callback, &type);
  if (type != napi_function) return true;
  napi_value name;
  napi_create_string_utf8(env, "crescendo buckets", NAPI_AUTO_LENGTH, &name);
  napi_create_threadsafe_function(env, callback, nullptr, name, 0, 1, nullptr, nullptr, nullptr,
                                  CallOnBucket, &on_bucket_);
  return true;
}

bool Accumulation::Add(const float* gradient, int64_t elements, int64_t offset, int64_t bucket) {
  if (offset < 0 || offset + elements > elements_) return false;
  if (bucket < 0 || bucket >= static_cast<int64_t>(missing_.size())) return false;
  const auto add = kAddPiece[formats_[bucket]];
  const int64_t pieces = (elements + kPieceElements - 1) / kPieceElements;
  InParallel(pieces, [&](int64_t piece) {
    const int64_t begin = piece * kPieceElements;
    const int64_t count = std::min(kPieceElements, elements - begin);
    if (!add(gradient + begin, held_, target_, offset + begin, count)) is_finite_.store(false);
  });
  const bool is_last = missing_[bucket].fetch_sub(1) == 1;
  if (is_last && on_bucket_ != nullptr) {
    napi_call_threadsafe_function(on_bucket_, reinterpret_cast<void*>(bucket),
                                  napi_tsfn_nonblocking);
  }
  return true;
}

void Accumulation::Begin() {
  const std::lock_guard<std::mutex> lock(running_mutex);
  running[graph_] = this;
}

void Accumulation::End() {
  const std::lock_guard<std::mutex> lock(running_mutex);
  running.erase(graph_);
}

void RegisterAccumulate() {
  TF_OpDefinitionBuilder* builder = TF_NewOpDefinitionBuilder("CrescendoAccumulate");
  TF_OpDefinitionBuilderAddInput(builder, "gradient: float");
  for (const char* attribute : {"graph: int", "offset: int", "bucket: int"}) {
    TF_OpDefinitionBuilderAddAttr(builder, attribute);
  }
  // Or TensorFlow would take two of them for one.
  TF_OpDefinitionBuilderSetIsStateful(builder, true);
  TF_OpDefinitionBuilderSetShapeInferenceFunction(
      builder, [](TF_ShapeInferenceContext*, TF_Status*) {});
  TF_Status* status = TF_NewStatus();
  TF_RegisterOpDefinition(builder, status);
  ReportRegistration("CrescendoAccumulate", status);
  RegisterKernel<Attributes, ComputeAccumulate>(
      "CrescendoAccumulate", [](TF_OpKernelConstruction* construction) -> void* {
        return new Attributes{GetIntAttribute(construction, "graph"),
                              GetIntAttribute(construction, "offset"),
                              GetIntAttribute(construction, "bucket")};
      });
}

}  // namespace crescendo
