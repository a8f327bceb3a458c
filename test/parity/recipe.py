"""Makes the fixtures of the recipe tests: what TensorFlow, Keras, PyTorch and timm compute.

    python test/parity/recipe.py tensorflow    with tensorflow and keras installed
    python test/parity/recipe.py torch         with torch and timm installed

Each writes recipe-<part>.json beside this file, with the versions it ran with; both read (and the
first writes) recipe-inputs.json: initial weights, gradients and learning rates of the steps.
Computed in float64 where the framework can. tensorflow 2.21.0, keras 3.15.1, torch 2.15.0,
timm 1.0.31 were used.
"""
import json
import os
import sys

import numpy as np

FOLDER = os.path.dirname(os.path.abspath(__file__))
STEPS = 50
# Name, elements, whether weight decay applies; the way ours are laid out.
PARAMETERS = [("kernel", 19, True), ("bias", 5, False), ("dense", 13, True)]
WEIGHT_DECAY = 0.02
# Below most of the gradients' norms, above some.
CLIP_NORM = 4.0


def make_inputs():
    random = np.random.RandomState(7)
    total = sum(size for _, size, _ in PARAMETERS)
    scales = 10 ** random.uniform(-1, 0.3, STEPS)
    gradients = random.normal(size=(STEPS, total)) * scales[:, None]
    return {
        "parameters": PARAMETERS,
        "weightDecay": WEIGHT_DECAY,
        "clipNorm": CLIP_NORM,
        "weights": as_float32(random.normal(size=total)),
        "gradients": [as_float32(row) for row in gradients],
        "learningRates": as_float32(0.02 * (1 + 0.5 * np.sin(np.arange(STEPS)))),
    }


def as_float32(values):
    """Float32 values as the shortest decimals that read back as the same."""
    return [float(np.format_float_positional(np.float32(v), unique=True)) for v in values]


def rounded(values):
    return [float(f"{float(v):.10g}") for v in values]


def split(values):
    parts, at = [], 0
    for _, size, _ in PARAMETERS:
        parts.append(np.array(values[at : at + size], dtype=np.float64))
        at += size
    return parts


def tensorflow_part(inputs):
    import keras
    import tensorflow as tf

    keras.backend.set_floatx("float64")

    def run(make, clip_norm, ema_decay=None):
        """Weights after all steps; L2 weight decay is a term of the loss."""
        variables = [tf.Variable(part, dtype=tf.float64) for part in split(inputs["weights"])]
        step_rate = tf.Variable(0.0, dtype=tf.float64)
        optimizer = make(lambda: step_rate)
        updates = tf.Variable(0.0, dtype=tf.float64)
        ema = None
        if ema_decay is not None:
            ema = tf.train.ExponentialMovingAverage(ema_decay, num_updates=updates)
            ema.apply(variables)
        for step in range(STEPS):
            step_rate.assign(inputs["learningRates"][step])
            with tf.GradientTape() as tape:
                loss = tf.constant(0.0, dtype=tf.float64)
                for variable, part, (_, _, decayed) in zip(
                    variables, split(inputs["gradients"][step]), PARAMETERS
                ):
                    loss += tf.reduce_sum(variable * part)
                    if decayed:
                        loss += WEIGHT_DECAY * tf.nn.l2_loss(variable)
            gradients = tape.gradient(loss, variables)
            if clip_norm is not None:
                gradients, _ = tf.clip_by_global_norm(gradients, clip_norm)
            if isinstance(optimizer, keras.optimizers.Optimizer):
                optimizer.learning_rate = inputs["learningRates"][step]
            optimizer.apply_gradients(zip(gradients, variables))
            if ema is not None:
                updates.assign(float(step))
                ema.apply(variables)
        result = [variable.numpy() for variable in variables]
        if ema is not None:
            result = [ema.average(variable).numpy() for variable in variables]
        return rounded(np.concatenate(result))

    def rmsprop_1(rate):
        return tf.compat.v1.train.RMSPropOptimizer(rate, 0.9, 0.9, 1e-3)

    def rmsprop_keras(_):
        return keras.optimizers.RMSprop(0.0, rho=0.9, momentum=0.9, epsilon=1e-3)

    # Keras keeps variables of its own kind for its optimizers.
    def run_keras(make, clip_norm):
        variables = [keras.Variable(part, dtype="float64") for part in split(inputs["weights"])]
        optimizer = make(None)
        optimizer.build(variables)
        for step in range(STEPS):
            optimizer.learning_rate = inputs["learningRates"][step]
            gradients = []
            for variable, part, (_, _, decayed) in zip(
                variables, split(inputs["gradients"][step]), PARAMETERS
            ):
                decay = WEIGHT_DECAY * variable.numpy() if decayed else 0.0
                gradients.append(tf.constant(part + decay, dtype=tf.float64))
            if clip_norm is not None:
                gradients, _ = tf.clip_by_global_norm(gradients, clip_norm)
            optimizer.apply(gradients, variables)
        return rounded(np.concatenate([variable.numpy() for variable in variables]))

    schedules = tf.keras.optimizers.schedules
    total, warmup, per_epoch = 1000, 80, 16.5
    steps = list(range(0, total, 37)) + [79, 80, 81, 999]

    def values(schedule):
        return {"steps": steps, "values": [float(schedule(step)) for step in steps]}

    cosine = schedules.CosineDecay(
        0.0, total - warmup, alpha=0.01, warmup_target=0.256, warmup_steps=warmup
    )
    linear = schedules.PolynomialDecay(0.256, total - warmup, end_learning_rate=0.00256)

    def with_warmup(after):
        return lambda step: 0.256 * step / warmup if step < warmup else after(step)

    released_cosine = with_warmup(lambda step: 0.5 * 0.256 * (1 + np.cos(np.pi * step / total)))
    staircase = schedules.ExponentialDecay(0.256, per_epoch * 2.4, 0.97, staircase=True)
    released_linear = with_warmup(lambda step: (1 - step / total) * 0.256)

    logits = np.random.RandomState(3).normal(size=(4, 7)) * 3
    targets = np.eye(7)[[1, 0, 6, 3]]
    softmax = keras.losses.CategoricalCrossentropy(
        from_logits=True, label_smoothing=0.1, reduction="sum"
    )
    sigmoid = keras.losses.BinaryCrossentropy(
        from_logits=True, label_smoothing=1e-4, reduction="sum"
    )

    keras.backend.set_floatx("float32")
    keras.utils.set_random_seed(1)
    model = keras.applications.EfficientNetV2B0(weights=None, include_preprocessing=False)
    deviations = {}
    for layer, kernel in [
        ("stem_conv", "stem.conv.kernel"),
        ("block2a_expand_conv", "blocks.1.expand.kernel"),
        ("block4a_expand_conv", "blocks.5.expand.kernel"),
        ("block6h_project_conv", "blocks.20.project.kernel"),
        ("block6h_dwconv2", "blocks.20.depthwise.kernel"),
        ("top_conv", "head.conv.kernel"),
        ("predictions", "head.dense.kernel"),
    ]:
        weights = model.get_layer(layer).get_weights()[0]
        deviations[kernel] = {
            "elements": int(weights.size),
            "deviation": float(weights.std()),
            "largest": float(np.abs(weights).max()),
        }
    return {
        "versions": {"tensorflow": tf.__version__, "keras": keras.__version__},
        "optimizers": {
            "rmsprop": run(rmsprop_1, None),
            "rmsprop clipped": run(rmsprop_1, CLIP_NORM),
            "rmsprop ema": run(rmsprop_1, None, ema_decay=0.9),
            "rmsprop-keras": run_keras(rmsprop_keras, None),
            "rmsprop-keras clipped": run_keras(rmsprop_keras, CLIP_NORM),
        },
        "schedules": {
            "settings": {"totalSteps": total, "warmupSteps": warmup, "stepsPerEpoch": per_epoch},
            "cosine warmup-end": values(cosine),
            "linear warmup-end": values(with_warmup(lambda step: linear(step - warmup))),
            "cosine start": values(released_cosine),
            "linear start": values(released_linear),
            "exponential start": values(with_warmup(staircase)),
        },
        "losses": {
            "logits": [rounded(row) for row in logits],
            "targets": targets.tolist(),
            "softmax": float(softmax(targets, logits)),
            # Keras averages over the classes, ours sums.
            "sigmoid": float(sigmoid(targets, logits)) * 7,
        },
        "deviations": deviations,
    }


def torch_part(inputs):
    import timm
    import torch
    from timm.optim import Lamb, RMSpropTF, param_groups_layer_decay
    from timm.loss import LabelSmoothingCrossEntropy
    import torch.nn.functional as F

    torch.set_default_dtype(torch.float64)

    def run(make, clip_norm=None, decay_in_loss=False):
        parameters = [torch.nn.Parameter(torch.tensor(part)) for part in split(inputs["weights"])]
        groups = [
            {"params": [p], "weight_decay": WEIGHT_DECAY if decayed and not decay_in_loss else 0.0}
            for p, (_, _, decayed) in zip(parameters, PARAMETERS)
        ]
        optimizer = make(groups)
        for step in range(STEPS):
            for group in optimizer.param_groups:
                group["lr"] = inputs["learningRates"][step]
            for p, part, (_, _, decayed) in zip(
                parameters, split(inputs["gradients"][step]), PARAMETERS
            ):
                p.grad = torch.tensor(part)
                if decay_in_loss and decayed:
                    p.grad += WEIGHT_DECAY * p.detach()
            if clip_norm is not None:
                norm = torch.linalg.vector_norm(torch.cat([p.grad for p in parameters]))
                # Not clip_grad_norm_, which adds 1e-6 to the norm.
                if norm > clip_norm:
                    for p in parameters:
                        p.grad *= clip_norm / norm
            optimizer.step()
        return rounded(torch.cat(parameters).detach().numpy())

    def sgd(groups):
        return torch.optim.SGD(groups, 0.1, momentum=0.9)

    def nesterov(groups):
        return torch.optim.SGD(groups, 0.1, momentum=0.9, nesterov=True)

    def adamw(groups):
        return torch.optim.AdamW(groups, 0.1, betas=(0.9, 0.999), eps=1e-3)

    def rmsprop(groups):
        return RMSpropTF(groups, 0.1, alpha=0.9, eps=1e-3, momentum=0.9)

    def lamb(groups, clip_norm=None, **options):
        return Lamb(groups, 0.1, eps=1e-3, max_grad_norm=clip_norm, **options)

    model = timm.create_model("tf_efficientnetv2_s", drop_path_rate=0.2)
    blocks = [block for stage in model.blocks for block in stage]
    rates = [float(getattr(block.drop_path, "drop_prob", 0.0) or 0.0) for block in blocks]
    scales = {}
    for group in param_groups_layer_decay(model, layer_decay=0.75):
        for p in group["params"]:
            scales[id(p)] = group["lr_scale"]
    named = dict(model.named_parameters())
    layer_scales = {
        "stem": scales[id(named["conv_stem.weight"])],
        "blocks": [scales[id(next(block.parameters()))] for block in blocks],
        "head.conv": scales[id(named["conv_head.weight"])],
        "head.dense": scales[id(named["classifier.weight"])],
    }
    logits = torch.tensor(np.random.RandomState(3).normal(size=(4, 7)) * 3)
    labels = torch.tensor([1, 0, 6, 3])
    targets = F.one_hot(labels, 7).double() * (1 - 1e-4) + 1e-4 / 2
    return {
        "versions": {"torch": torch.__version__, "timm": timm.__version__},
        "optimizers": {
            "sgd": run(sgd),
            "sgd nesterov": run(nesterov),
            "sgd nesterov clipped": run(nesterov, CLIP_NORM, decay_in_loss=True),
            "adamw": run(adamw),
            "adamw clipped": run(adamw, CLIP_NORM),
            "rmsprop": run(rmsprop),
            "lamb": run(lamb),
            "lamb clipped": run(lambda groups: lamb(groups, CLIP_NORM)),
            # What ours is not: the trust ratio also where there is no weight decay.
            "lamb always_adapt": run(lambda groups: lamb(groups, always_adapt=True)),
        },
        "stochasticDepthRates": rates,
        "layerScales": {"factor": 0.75, **layer_scales},
        "losses": {
            "softmax": float(LabelSmoothingCrossEntropy(0.1)(logits, labels)) * 4,
            "sigmoid": float(
                F.binary_cross_entropy_with_logits(logits, targets, reduction="sum")
            ),
        },
    }


def main():
    part = sys.argv[1]
    inputs_path = os.path.join(FOLDER, "recipe-inputs.json")
    inputs = make_inputs()
    if os.path.exists(inputs_path):
        with open(inputs_path) as file:
            assert json.load(file) == json.loads(json.dumps(inputs)), "other inputs than before"
    else:
        with open(inputs_path, "w") as file:
            json.dump(inputs, file, separators=(",", ":"))
    fixture = {"tensorflow": tensorflow_part, "torch": torch_part}[part](inputs)
    with open(os.path.join(FOLDER, f"recipe-{part}.json"), "w") as file:
        json.dump(fixture, file, separators=(",", ":"))


if __name__ == "__main__":
    main()
