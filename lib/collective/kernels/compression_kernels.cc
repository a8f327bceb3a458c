// The loops of the lossy compression for JavaScript.
#include "compression_kernels.h"

#include "arguments.h"
#include "int8.h"
#include "low_rank.h"
#include "select_largest.h"

namespace crescendo {
namespace {

// encodeInt8(bytes, values, residual, pending)
napi_value EncodeInt8Call(napi_env env, napi_callback_info info) {
  napi_value args[4];
  Span<uint8_t> bytes;
  Span<float> values, residual, pending;
  if (!GetArguments(env, info, 4, args) || !GetBytes(env, args[0], "bytes", &bytes) ||
      !GetFloats(env, args[1], "values", &values) ||
      !GetFloats(env, args[2], "residual", &residual) ||
      !GetFloats(env, args[3], "pending", &pending) ||
      !RequireLength(env, "bytes", bytes.length, Int8Bytes(values.length)) ||
      !RequireLength(env, "residual", residual.length, values.length) ||
      !RequireLength(env, "pending", pending.length, values.length)) {
    return nullptr;
  }
  EncodeInt8(bytes.data, values.data, residual.data, pending.data, values.length);
  return nullptr;
}

// decodeInt8(target, bytes)
napi_value DecodeInt8Call(napi_env env, napi_callback_info info) {
  napi_value args[2];
  Span<float> target;
  Span<uint8_t> bytes;
  if (!GetArguments(env, info, 2, args) || !GetFloats(env, args[0], "target", &target) ||
      !GetBytes(env, args[1], "bytes", &bytes) ||
      !RequireLength(env, "bytes", bytes.length, Int8Bytes(target.length))) {
    return nullptr;
  }
  DecodeInt8(target.data, bytes.data, target.length);
  return nullptr;
}

// decodeAddInt8(target, base, bytes)
napi_value DecodeAddInt8Call(napi_env env, napi_callback_info info) {
  napi_value args[3];
  Span<float> target, base;
  Span<uint8_t> bytes;
  if (!GetArguments(env, info, 3, args) || !GetFloats(env, args[0], "target", &target) ||
      !GetFloats(env, args[1], "base", &base) || !GetBytes(env, args[2], "bytes", &bytes) ||
      !RequireLength(env, "base", base.length, target.length) ||
      !RequireLength(env, "bytes", bytes.length, Int8Bytes(target.length))) {
    return nullptr;
  }
  DecodeAddInt8(target.data, base.data, bytes.data, target.length);
  return nullptr;
}

// selectLargest(indices, values): how many
napi_value SelectLargestCall(napi_env env, napi_callback_info info) {
  napi_value args[2], chosen;
  Span<uint32_t> indices;
  Span<float> values;
  if (!GetArguments(env, info, 2, args) ||
      !GetSpan(env, args[0], napi_uint32_array, "indices", &indices) ||
      !GetFloats(env, args[1], "values", &values)) {
    return nullptr;
  }
  const size_t count = SelectLargest(indices.data, indices.length, values.data, values.length);
  napi_create_double(env, static_cast<double>(count), &chosen);
  return chosen;
}

// run(matrix, left, right, rows, columns, rank)
template <void (*kRun)(const LowRank&)>
napi_value LowRankCall(napi_env env, napi_callback_info info) {
  napi_value args[6];
  Span<float> matrix, left, right;
  if (!GetArguments(env, info, 6, args) || !GetFloats(env, args[0], "matrix", &matrix) ||
      !GetFloats(env, args[1], "left", &left) || !GetFloats(env, args[2], "right", &right)) {
    return nullptr;
  }
  const auto size = [&](int index) { return static_cast<size_t>(GetNumber(env, args[index])); };
  const LowRank it{matrix.data, left.data, right.data, size(3), size(4), size(5)};
  if (RequireLength(env, "matrix", matrix.length, it.rows * it.columns) &&
      RequireLength(env, "left", left.length, it.rows * it.rank) &&
      RequireLength(env, "right", right.length, it.columns * it.rank)) {
    kRun(it);
  }
  return nullptr;
}

}  // namespace

void ExportCompressionKernels(napi_env env, napi_value exports) {
  Export(env, exports, "encodeInt8", EncodeInt8Call);
  Export(env, exports, "decodeInt8", DecodeInt8Call);
  Export(env, exports, "decodeAddInt8", DecodeAddInt8Call);
  Export(env, exports, "selectLargest", SelectLargestCall);
  Export(env, exports, "multiply", LowRankCall<Multiply>);
  Export(env, exports, "multiplyTransposed", LowRankCall<MultiplyTransposed>);
  Export(env, exports, "product", LowRankCall<Product>);
  Export(env, exports, "subtractProduct", LowRankCall<SubtractProduct>);
}

}  // namespace crescendo
