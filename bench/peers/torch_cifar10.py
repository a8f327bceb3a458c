"""PyTorch's training of a small network on CIFAR-10 to its end, by the plan of a run file.

usage: torch_cifar10.py PLAN.json
The plan has what bench/recipes/cifar10.ts writes. Out: one line of JSON. Augmentation is made for
whole batches of bytes in memory, in the layout that channels_last wants: no loader is waited for.
"""
import copy
import fnmatch
import json
import math
import os
import sys
import time

import numpy
import torch
import torch.nn.functional as F
from torch import nn

plan = json.load(open(sys.argv[1]))
run = plan["run"]
torch.set_num_threads(plan["threads"])
torch.manual_seed(run["seed"])
training, augmentation = run["training"], run["augmentation"]
half = {"bfloat16": torch.bfloat16}.get(run["engine"]["precision"])


class Group(nn.Module):
    """airbench: convolution, pooling, norm, then another convolution and norm."""

    def __init__(self, inputs, outputs, momentum):
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, padding=1, bias=False)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, padding=1, bias=False)
        self.norm1 = nn.BatchNorm2d(outputs, eps=1e-5, momentum=momentum)
        self.norm2 = nn.BatchNorm2d(outputs, eps=1e-5, momentum=momentum)
        for conv in (self.conv1, self.conv2):
            weight = conv.weight.data
            nn.init.dirac_(weight[:weight.shape[1]])

    def forward(self, x):
        x = F.gelu(self.norm1(F.max_pool2d(self.conv1(x), 2)), approximate="tanh")
        return F.gelu(self.norm2(self.conv2(x)), approximate="tanh")


class Airbench(nn.Module):
    """The network of lib/models/airbench."""

    def __init__(self, widths, momentum):
        super().__init__()
        kernel = torch.tensor(plan["whiteningKernel"]).reshape(2, 2, 3, -1).permute(3, 2, 0, 1)
        self.stem = nn.ModuleDict({"conv": nn.Conv2d(3, len(kernel), 2)})
        self.stem["conv"].weight.data.copy_(kernel)
        self.stem["conv"].bias.data.zero_()
        inputs = [len(kernel), *widths]
        self.blocks = nn.ModuleList(
            Group(before, after, momentum) for before, after in zip(inputs, widths))
        self.head = nn.ModuleDict({"dense": nn.Linear(widths[-1], 10)})

    def forward(self, x):
        x = F.gelu(self.stem["conv"](x), approximate="tanh")
        for block in self.blocks:
            x = block(x)
        return self.head["dense"](x.amax((2, 3)) / 9)


def network():
    model = run["model"]
    momentum = 1 - model["batchNormMomentum"]
    if model["name"].startswith("airbench"):
        return Airbench(plan["widths"], momentum)
    from timm.models import efficientnet

    # Symmetric padding in place of TensorFlow's, which PyTorch pays for with a copy.
    made = efficientnet._gen_efficientnetv2_base(
        f"tf_{model['name'].replace('-', '_')}", model["widthMultiplier"], model["depthMultiplier"],
        bn_eps=1e-3, pad_type="", num_classes=10,
        drop_path_rate=model["stochasticDepthRate"], drop_rate=plan["phases"][-1]["dropoutRate"])
    if model["stemStride"] == 1:
        made.conv_stem.stride = (1, 1)
    # timm scales the width of the features, the run file's network does not.
    features = plan["featureChannels"]
    made.conv_head = nn.Conv2d(made.conv_head.in_channels, features, 1, bias=False)
    nn.init.kaiming_normal_(made.conv_head.weight, mode="fan_out")
    made.bn2 = type(made.bn2)(features, eps=1e-3, act_layer=nn.SiLU)
    made.classifier = nn.Linear(features, 10)
    for module in made.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.momentum = momentum
    return made


def our_names(model):
    """Parameters by names that end as ours do, for the patterns of the run file."""
    names = {}
    for path, module in model.named_modules():
        is_norm = isinstance(module, nn.BatchNorm2d)
        for kind, parameter in module.named_parameters(recurse=False):
            ours = {"weight": "gamma", "bias": "beta"} if is_norm else {"weight": "kernel"}
            names[f"{path}.{ours.get(kind, kind)}"] = parameter
    return names


def fits(name, patterns):
    return any(fnmatch.fnmatchcase(name, pattern) for pattern in patterns)


def optimizer_of(model):
    groups = {}
    for name, parameter in our_names(model).items():
        if fits(name, training["freeze"]):
            parameter.requires_grad = False
            continue
        factors = training["learningRateFactors"].items()
        factor = math.prod(one for pattern, one in factors if fits(name, [pattern]))
        decay = 0.0 if fits(name, training["weightDecayExclude"]) else training["weightDecay"]
        groups.setdefault((factor, decay), []).append(parameter)
    made = training["optimizer"]
    return torch.optim.SGD(
        [dict(params=params, factor=factor, weight_decay=decay)
         for (factor, decay), params in groups.items()],
        lr=0.1, momentum=made["momentum"], nesterov=made["nesterov"])


def images_of(split):
    """Labels [N] and pixels [N, 32, 32, 3]: the packed form of datasets in memory."""
    raw = numpy.fromfile(os.path.join(plan["dataset"], f"{split}.shard"), numpy.uint8)
    count = len(raw) // (1 + 32 * 32 * 3)
    pixels = torch.from_numpy(raw[count:]).reshape(count, 32, 32, 3)
    return torch.from_numpy(raw[:count]).long(), pixels


def resized(images, size):
    if images.shape[1] == size:
        return images
    planes = images.permute(0, 3, 1, 2).float()
    made = F.interpolate(planes, (size, size), mode="bilinear", antialias=True)
    return made.round().clamp(0, 255).byte().permute(0, 2, 3, 1).contiguous()


def normalized(pixels):
    """[N, 3, S, S] in channels_last."""
    return ((pixels.float() - 128) / 128).permute(0, 3, 1, 2)


def mirrored(index, size):
    index = index.remainder(2 * size)
    return torch.where(index < size, index, 2 * size - 1 - index)


def augmented(images):
    """Shifts and flips each of [N, S, S, 3] on its own, in one gather."""
    count, size = images.shape[:2]
    reach = int(size * augmentation["padRatio"]) if augmentation["crop"] == "pad" else 0
    side = torch.arange(size)
    rows = mirrored(side + torch.randint(-reach, reach + 1, (count, 1)), size)
    columns = mirrored(side + torch.randint(-reach, reach + 1, (count, 1)), size)
    if augmentation["horizontalFlip"]:
        columns = torch.where(torch.rand(count, 1) < 0.5, columns, columns.flip(1))
    return images[torch.arange(count)[:, None, None], rows[:, :, None], columns[:, None, :]]


def top1(model, images, labels):
    model.eval()
    correct = 0
    with torch.no_grad(), torch.autocast("cpu", half, enabled=half is not None):
        for at in range(0, len(labels), 500):
            scores = model(normalized(images[at:at + 500]))
            correct += (scores.argmax(1) == labels[at:at + 500]).sum().item()
    model.train()
    return correct / len(labels)


def average(kept, model, update):
    decay = min(training["emaDecay"], (1 + update) / (10 + update))
    with torch.no_grad():
        for mean, value in zip(kept.state_dict().values(), model.state_dict().values()):
            if mean.is_floating_point():
                mean.lerp_(value, 1 - decay)


def train():
    labels, pixels = images_of("train")
    validation_labels, validation_pixels = images_of("validation")
    model = network().to(memory_format=torch.channels_last).train()
    optimizer = optimizer_of(model)
    kept = copy.deepcopy(model)
    criterion = nn.CrossEntropyLoss(label_smoothing=training["labelSmoothing"])
    batch, order, step = run["batch"]["globalSize"], torch.empty(0, dtype=torch.long), 0
    began = time.perf_counter()
    for phase in plan["phases"]:
        images = resized(pixels, phase["imageSizePx"])
        for _ in range(phase["stepCount"]):
            if len(order) < batch:
                order = torch.cat([order, torch.randperm(len(labels))])
            taken, order = order[:batch], order[batch:]
            for group in optimizer.param_groups:
                group["lr"] = plan["learningRates"][step] * group["factor"]
            optimizer.zero_grad(set_to_none=True)
            with torch.autocast("cpu", half, enabled=half is not None):
                loss = criterion(model(normalized(augmented(images[taken]))), labels[taken])
            loss.backward()
            optimizer.step()
            average(kept, model, step)
            step += 1
            if step % 20 == 0:
                print(f"step {step}: loss {loss.item():.3f}", file=sys.stderr)
    size = run["evaluation"]["imageSizePx"]
    validation = resized(validation_pixels, size)
    scores = [top1(one, validation, validation_labels) for one in (model, kept)]
    return {
        "wallSeconds": time.perf_counter() - began,
        "cpuSeconds": time.process_time(),
        "top1": scores[0],
        "emaTop1": scores[1],
        "parameters": sum(one.numel() for one in model.parameters()),
        "peer": f"PyTorch {torch.__version__}",
    }


print(json.dumps(train()))
