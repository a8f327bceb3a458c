"""Random weights of a PyTorch model, and images to compare gradients with."""
import numpy as np
import torch

# What is added to activations, of whatever shape.
TABLES = ('bias_table', 'pos_embed', 'cls_token')
# Well above what is rounded away in float32.
GAP_MIN = 4e-6


def randomize(model, generator):
    """Every value is drawn: no bias is zero, no statistic that of a new layer."""
    # Not all buffers: timm's lookup tables of relative positions are some too.
    for name, value in model.state_dict().items():
        if not value.is_floating_point():
            continue
        draw = torch.randn(value.shape, generator=generator)
        if name.endswith('running_var'):
            value.data.copy_(0.5 + torch.rand(value.shape, generator=generator))
        elif value.ndim >= 2 and not name.endswith(TABLES):
            value.data.copy_(draw / np.sqrt(np.prod(value.shape[1:])))
        elif name.endswith('weight'):
            value.data.copy_(1 + 0.1 * draw)
        else:
            value.data.copy_(0.2 * draw)


def random_images(shape, generator):
    """Random bytes, normalized as in training, which starts from bytes."""
    return (torch.randint(0, 256, shape, generator=generator).float() - 128) / 128


def draw_images(model, shape, generator, gap_of):
    """Images whose gradient is well defined: at a tie or a kink, rounding decides who gets it.

    `gap_of` is how far the input of a module is from one, in training; far: infinite.
    """
    statistics = {name: one.clone() for name, one in model.named_buffers()}
    gaps = []
    hooks = [
        one.register_forward_pre_hook(lambda module, inputs: gaps.append(gap_of(module, inputs[0])))
        for one in model.modules() if not list(one.children())
    ]
    while True:
        images = random_images(shape, generator)
        gaps.clear()
        with torch.no_grad():
            model.train()(images)
        for name, one in model.named_buffers():
            one.data.copy_(statistics[name])
        if min(gaps) > GAP_MIN:
            break
    for hook in hooks:
        hook.remove()
    return images
