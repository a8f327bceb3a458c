// The optimizer's step on a worker's share of the weights; see update_step.cc.
#ifndef CRESCENDO_UPDATE_STEP_H_
#define CRESCENDO_UPDATE_STEP_H_

#include "napi_support.h"

namespace crescendo {
void ExportUpdateStep(napi_env env, napi_value exports);
}

#endif
