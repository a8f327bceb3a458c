"""PyTorch's training step of timm's equal model, driven by lines on stdin.

usage: torch_step.py MODEL BATCH IMAGE_SIZE_PX THREADS cpu|gpu float32|float16|bfloat16
First line out: {"ready": ..., "parameters": ...}. Then for each line "N" in: N training steps
(forward, loss, backward, SGD with momentum), answered by {"ms": [...]}.
"""
import json
import sys
import time

import timm
import torch

model_name, batch, size, threads, device_name, precision = sys.argv[1:7]
batch, size, threads = int(batch), int(size), int(threads)
device = torch.device("cuda" if device_name == "gpu" else "cpu")
if device.type == "cpu":
    torch.set_num_threads(threads)
else:
    torch.backends.cudnn.benchmark = True
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = True
torch.manual_seed(1)
options = {}
if model_name.startswith("coatnet"):
    # Crescendo's defaults: max pooling, the first convolution strided, the tanh form of GELU.
    options = dict(
        img_size=size,
        conv_pool_type="max2", conv_stride_mode="1x1", conv_act_layer="gelu_tanh",
        transformer_pool_type="max2", transformer_act_layer="gelu_tanh",
    )
model = timm.create_model(
    model_name, num_classes=1000, drop_rate=0.0, drop_path_rate=0.0, **options)
model = model.to(device, memory_format=torch.channels_last).train()
optimizer = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9)
images = torch.randn(batch, 3, size, size).to(device, memory_format=torch.channels_last)
labels = (torch.arange(batch) % 1000).to(device)
criterion = torch.nn.CrossEntropyLoss()
half = {"float16": torch.float16, "bfloat16": torch.bfloat16}.get(precision)
scaler = torch.amp.GradScaler(device.type, enabled=precision == "float16")


def step():
    optimizer.zero_grad(set_to_none=True)
    with torch.autocast(device.type, dtype=half, enabled=half is not None):
        loss = criterion(model(images), labels)
    scaler.scale(loss).backward()
    scaler.step(optimizer)
    scaler.update()
    return loss.item()  # waits for the device, as a training loop that logs does


def answer(value):
    print(json.dumps(value), flush=True)


answer({
    "ready": f"PyTorch {torch.__version__}, timm {timm.__version__} {model_name}",
    "parameters": sum(one.numel() for one in model.parameters()),
})
for line in sys.stdin:
    times = []
    for _ in range(int(line)):
        start = time.perf_counter()
        step()
        times.append((time.perf_counter() - start) * 1000)
    answer({"ms": times})
