// Files whose pages all processes of a machine share.
#pragma once
#include <node_api.h>

namespace crescendo {
// mapFile(path, bytes, padding): the bytes of a file of that size and so many zeros, to be read
// only; undefined where the file has another size or cannot be mapped.
napi_value MapFile(napi_env env, napi_callback_info info);
}
