// Graphs of TensorFlow's C API, built operation by operation from JavaScript.
#ifndef CRESCENDO_GRAPH_H_
#define CRESCENDO_GRAPH_H_

#include <node_api.h>

#include <atomic>
#include <memory>
#include <vector>

#include "tensorflow/c/c_api.h"

namespace crescendo {

// A graph with its outputs numbered from 0 in the order they were made.
struct Graph {
  TF_Graph* graph = TF_NewGraph();
  std::vector<TF_Output> outputs;
  std::vector<TF_Operation*> operations;
  // Those without outputs, which runs are for.
  std::vector<const TF_Operation*> targets;
  // Unlike that of any other graph of the process.
  const int64_t id = next_id++;
  static std::atomic<int64_t> next_id;
  ~Graph() { TF_DeleteGraph(graph); }
};

using GraphBox = std::shared_ptr<Graph>;

// The output numbered `id`. @returns false after an error was thrown
bool OutputOf(napi_env env, const Graph& graph, double id, TF_Output* output);

void ExportGraph(napi_env env, napi_value exports);

}  // namespace crescendo

#endif
