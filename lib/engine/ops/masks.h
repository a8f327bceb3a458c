// Dropout masks; see masks.cc.
#pragma once
#include <node_api.h>

namespace crescendo {
napi_value DrawRows(napi_env env, napi_callback_info info);
}
