// TensorFlow's status, freed with its scope.
#pragma once
#include <string>

#include "napi_support.h"
#include "tensorflow/c/tf_status.h"

namespace crescendo {

class Status {
 public:
  ~Status() { TF_DeleteStatus(status_); }
  Status() = default;
  Status(const Status&) = delete;
  TF_Status* get() { return status_; }
  bool IsOk() const { return TF_GetCode(status_) == TF_OK; }
  std::string Message() const { return TF_Message(status_); }
  // Throws in JavaScript when not OK. @returns whether it did
  bool Throw(napi_env env, const std::string& what) {
    if (IsOk()) return false;
    crescendo::Throw(env, what + ": " + Message());
    return true;
  }

 private:
  TF_Status* status_ = TF_NewStatus();
};

}  // namespace crescendo
