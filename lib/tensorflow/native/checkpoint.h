#pragma once
#include <node_api.h>

namespace crescendo {

// Adds openCheckpoint, readCheckpoint and closeCheckpoint to the addon.
void ExportCheckpoint(napi_env env, napi_value exports);

}  // namespace crescendo
