"""A random image, and what Pillow makes of it: resampled boxes, and RandAugment's operations.

    make_images.py FOLDER SIDE

Writes image.npy (SIDE x SIDE x 3) and wide.npy, resampled-<filter>-<index>.npy for BOXES of the
latter, and <operation>-<level>.npy of the former. Operations that Pillow lacks, or has other rules
for, are computed with NumPy as EfficientNetV2's released code computes them.
"""
import os
import sys

import numpy as np
from PIL import Image, ImageEnhance, ImageOps

FILTERS = {'triangle': Image.Resampling.BILINEAR, 'cubic': Image.Resampling.BICUBIC}
# left, top, width, height, side of the result
BOXES = (
    (0, 0, 211, 157, 64), (13, 21, 150, 99, 224), (40, 40, 32, 32, 32), (3, 100, 7, 50, 33),
    (0, 0, 1, 1, 5), (100, 7, 111, 150, 16), (0, 0, 211, 157, 3), (90, 60, 64, 90, 128),
)
LEVELS = range(31)
GRAY = (128, 128, 128)
# More than what Pillow's fixed point rounds over a row.
NUDGE = 2e-3


def blend(base, factor, values):
    """Moved away from `base`, clipped, and truncated."""
    base = base.astype('float32')
    moved = base + np.float32(factor) * (values.astype('float32') - base)
    return np.clip(moved, 0, 255).astype('uint8')


def add(values, addition):
    return np.where(values < 128, np.minimum(255, values.astype('int64') + addition), values)


def lumas(values):
    weighted = values.astype('int64') @ np.array([2989, 5870, 1140])
    return weighted // 10000


def warped(image, nudge, a, b, c, d, e, f):
    """Nearest pixel of a mapping between pixels' indices; Pillow's is between their centers."""
    mapping = (a, b, c + nudge + 0.5 - (a + b) / 2, d, e, f + nudge + 0.5 - (d + e) / 2)
    return image.transform(image.size, Image.Transform.AFFINE, mapping, fillcolor=GRAY)


def operations(image, level):
    """@returns by name: what is expected, for each sign where one is drawn"""
    values = np.asarray(image)
    side = image.size[0]
    factor = 0.18 * level + 0.1
    mean = min(255, side * side // 256)
    results = {
        'autoContrast': ImageOps.autocontrast(image),
        'equalize': ImageOps.equalize(image),
        'invert': ImageOps.invert(image),
        'posterize': ImageOps.posterize(image, max(1, min(8, int(0.4 * level)))),
        'solarize': ImageOps.solarize(image, int(25.6 * level)),
        'solarizeAdd': add(values, int(11.0 * level)),
        'brightness': ImageEnhance.Brightness(image).enhance(factor),
        'sharpness': ImageEnhance.Sharpness(image).enhance(factor),
        'color': blend(np.repeat(lumas(values)[..., None], 3, 2), factor, values),
        'color-pillow': ImageEnhance.Color(image).enhance(factor),
        'contrast': ImageEnhance.Contrast(image).enhance(factor),
        'contrast-automl': blend(np.full(values.shape, mean), factor, values),
    }
    for sign in (-1, 1):
        # A source half-way between two pixels goes to either.
        for nudge in (-NUDGE, NUDGE):
            name = ('minus' if sign < 0 else 'plus') + ('-low' if nudge < 0 else '-high')
            shear, pixels = sign * 0.03 * level, sign * 10 * level
            results[f'shearX-{name}'] = warped(image, nudge, 1, shear, 0, 0, 1, 0)
            results[f'shearY-{name}'] = warped(image, nudge, 1, 0, 0, shear, 1, 0)
            results[f'translateX-{name}'] = warped(image, nudge, 1, 0, pixels, 0, 1, 0)
            results[f'translateY-{name}'] = warped(image, nudge, 1, 0, 0, 0, 1, pixels)
            results[f'rotate-{name}'] = image.rotate(sign * 3 * level, fillcolor=GRAY)
    return results


def main():
    folder, side = sys.argv[1], int(sys.argv[2])
    save = lambda name, values: np.save(
        os.path.join(folder, f'{name}.npy'), np.asarray(values).astype('<f4'))
    random = np.random.default_rng(3)
    wide = random.integers(0, 256, (157, 211, 3), dtype='uint8')
    save('wide', wide)
    for name, kind in FILTERS.items():
        for index, (left, top, width, height, result) in enumerate(BOXES):
            box = Image.fromarray(wide).crop((left, top, left + width, top + height))
            # Pillow begins with columns, Crescendo with rows; between them cubic is clipped.
            turned = box.transpose(Image.Transpose.TRANSPOSE).resize((result, result), kind)
            save(f'resampled-{name}-{index}', turned.transpose(Image.Transpose.TRANSPOSE))
    waves = 100 * np.sin(np.arange(side * side * 3).reshape(side, side, 3) / 200)
    noise = random.normal(0, 12, (side, side, 3))
    values = np.clip(120 + waves * (0.4, 0.6, 0.8) + noise, 9, 230).astype('uint8')
    save('image', values)
    for level in LEVELS:
        for name, result in operations(Image.fromarray(values), level).items():
            save(f'{name}-{level}', result)


main()
