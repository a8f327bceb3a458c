// Optimizer updates on flat vectors in host memory; see update.cc.
#pragma once
#include <node_api.h>

namespace crescendo {
napi_value UpdateWeights(napi_env env, napi_callback_info info);
napi_value AdoptWeights(napi_env env, napi_callback_info info);
}
