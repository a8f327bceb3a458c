"""One process of Gloo's all-reduce through PyTorch: for a line of input, a line of JSON.

Arguments: rank, processes, elements, float32 or bfloat16, port of the rendezvous.
"""

import json
import os
import sys
import time

import torch
import torch.distributed as distributed

rank, processes, elements = (int(text) for text in sys.argv[1:4])
dtypes = {"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16}
dtype = dtypes[sys.argv[4]]
os.environ.update(MASTER_ADDR="127.0.0.1", MASTER_PORT=sys.argv[5])
torch.set_num_threads(1)
distributed.init_process_group("gloo", rank=rank, world_size=processes)
own = ((torch.arange(elements) % 7 + rank + 1) / 64).to(dtype)
result = own.clone()
print(json.dumps({"ready": torch.__version__}), flush=True)
for line in sys.stdin:
    command, argument = line.split()
    if command == "value":
        print(json.dumps({"value": float(result[int(argument)])}), flush=True)
        continue
    reductions = []
    for _ in range(int(argument)):
        result.copy_(own)
        start = time.perf_counter()
        distributed.all_reduce(result)
        reductions.append({"ms": (time.perf_counter() - start) * 1e3})
    print(json.dumps(reductions), flush=True)
