"""Random weights of an EfficientNet in Keras's formats and as a TensorFlow 1 checkpoint.

Writes into --out: weights.h5, layers.npz (the weights in the model's order, for make_timm.py),
input.npy, logits-keras.npy, features-keras.npy, and keras.json with the versions that made them.
With --all also keras.weights.h5, model.keras, automl/model.ckpt-1.*, and of Keras 2 (where tf_keras
is installed) keras2.h5, keras2-weights.h5, keras2.keras.
"""
import argparse
import json
import os
import sys

os.environ['TF_CPP_MIN_LOG_LEVEL'] = '3'
os.environ['CUDA_VISIBLE_DEVICES'] = '-1'

import h5py  # noqa: E402
import keras  # noqa: E402
import numpy as np  # noqa: E402
import tensorflow as tf  # noqa: E402

NORM = keras.layers.BatchNormalization


def maker(applications, name):
    """Keras's function for efficientnet-b0, efficientnetv2-s and so on."""
    family, variant = name.split('-')
    version = 'V2' if family.endswith('v2') else ''
    return getattr(applications, f'EfficientNet{version}{variant.upper()}')


def build(name, classes, size):
    """@returns the model, and what its images are multiplied with"""
    settings = {
        'weights': None, 'classifier_activation': None, 'classes': classes,
        'input_shape': (size, size, 3),
    }
    if name.startswith('efficientnetv2'):
        return maker(keras.applications, name)(include_preprocessing=False, **settings), 1
    # It always divides by 255 itself; its normalization does nothing without pretrained weights.
    return maker(keras.applications, name)(**settings), 255


def randomize(model, scale, size, random):
    """No value keeps its default, and activations keep their size through all layers."""
    for layer in model.layers:
        if isinstance(layer, NORM):
            layer.gamma.assign(random.uniform(0.7, 1.3, layer.gamma.shape))
            layer.beta.assign(random.normal(0, 0.2, layer.beta.shape))
            layer.momentum = 0.0
        elif getattr(layer, 'bias', None) is not None:
            layer.bias.assign(random.normal(0, 0.2, layer.bias.shape))
    # Moving statistics of real activations, then moved away from them.
    model(scale * random.normal(size=(32, size, size, 3)).astype('float32'), training=True)
    for layer in model.layers:
        if isinstance(layer, NORM):
            variance = layer.moving_variance.numpy()
            shift = random.normal(0, 0.1, variance.shape) * np.sqrt(variance)
            layer.moving_mean.assign(layer.moving_mean.numpy() + shift)
            layer.moving_variance.assign(variance * random.uniform(0.9, 1.2, variance.shape) + 0.01)
            layer.momentum = 0.9


def automl_names(model):
    """google/automl's variable names, in the order of Keras's layers, as its code makes them."""
    names, block, counts = [], -1, {}
    previous = ''

    def numbered(kind):
        count = counts.get(kind, 0)
        counts[kind] = count + 1
        return kind if count == 0 else f'{kind}_{count}'

    for layer in model.layers:
        if not layer.weights or isinstance(layer, keras.layers.Normalization):
            continue
        name = layer.name
        if name.startswith('block'):
            place = name.split('_')[0]
            if place != previous:
                block, counts, previous = block + 1, {}, place
            scope = f'blocks_{block}'
            if '_se_' in name:
                path = f'{scope}/se/' + ('conv2d' if name.endswith('reduce') else 'conv2d_1')
            elif isinstance(layer, keras.layers.DepthwiseConv2D):
                path = f'{scope}/depthwise_conv2d'
            else:
                kind = 'tpu_batch_normalization' if isinstance(layer, NORM) else 'conv2d'
                path = f'{scope}/{numbered(kind)}'
        else:
            scope = 'stem' if name.startswith('stem') else 'head'
            kind = (
                'tpu_batch_normalization'
                if isinstance(layer, NORM)
                else 'dense' if name == 'predictions' else 'conv2d'
            )
            path = f'{scope}/{kind}'
        for weight in layer.weights:
            leaf = weight.name
            if isinstance(layer, keras.layers.DepthwiseConv2D):
                leaf = 'depthwise_kernel'
            names.append((f'{path}/{leaf}', weight.numpy()))
    return names


def save_automl(model, scope, folder, random):
    """With a moving average for each variable but every fifth, and slots of an optimizer."""
    os.makedirs(folder, exist_ok=True)
    tf1 = tf.compat.v1
    named = automl_names(model)
    with tf.Graph().as_default(), tf1.Session() as session:
        values = {'global_step': np.int64(1)}
        for index, (name, value) in enumerate(named):
            if index % 5 == 0:
                values[f'{scope}/{name}'] = value
            else:
                values[f'{scope}/{name}'] = random.normal(size=value.shape).astype('float32')
                values[f'{scope}/{name}/ExponentialMovingAverage'] = value
            if name.endswith('kernel'):
                values[f'{scope}/{name}/RMSProp'] = np.ones_like(value)
                values[f'{scope}/{name}/RMSProp_1'] = np.zeros_like(value)
        feeds, variables = {}, {}
        for name, value in values.items():
            holder = tf1.placeholder(value.dtype, value.shape)
            feeds[holder] = value
            variables[name] = tf1.Variable(holder, name=name.replace('/', '_'))
        session.run(tf1.global_variables_initializer(), feeds)
        saver = tf1.train.Saver(variables)
        saver.save(session, os.path.join(folder, 'model.ckpt'), 1, write_meta_graph=False)


def save_keras2(model, name, size, out):
    """The same weights as Keras 2 writes them. @returns its version, or None where it is missing"""
    try:
        import tf_keras
    except ImportError:
        return None
    make = maker(tf_keras.applications, name)
    # As users have it: with the layers of preprocessing, of which B models have a normalization.
    classes = model.output_shape[-1]
    old = make(weights=None, classes=classes, input_shape=(size, size, 3))
    sources = [layer for layer in model.layers if layer.weights]
    targets = [layer for layer in old.layers if layer.weights]
    sources = [layer for layer in sources if not isinstance(layer, keras.layers.Dropout)]
    for source, target in zip(sources, targets, strict=True):
        target.set_weights([weight.numpy() for weight in source.weights])
    old.save(out('keras2.h5'))
    old.save_weights(out('keras2-weights.h5'))
    old.save(out('keras2.keras'))
    return tf_keras.__version__


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--model', required=True, help='such as efficientnetv2-b0')
    parser.add_argument('--classes', type=int, required=True)
    parser.add_argument('--size', type=int, default=64)
    parser.add_argument('--batch', type=int, default=2)
    parser.add_argument('--all', action='store_true', help='all formats, not only .h5')
    parser.add_argument('--out', required=True)
    args = parser.parse_args()
    keras.utils.set_random_seed(7)
    random = np.random.default_rng(7)
    model, scale = build(args.model, args.classes, args.size)
    randomize(model, scale, args.size, random)
    out = lambda name: os.path.join(args.out, name)
    model.save(out('weights.h5'))
    keras2 = None
    if args.all:
        model.save_weights(out('keras.weights.h5'))
        save_automl(model, args.model, out('automl'), random)
        keras2 = save_keras2(model, args.model, args.size, out)
        # As after training: the archive also holds the optimizer's variables.
        model.compile(optimizer='adam', loss='mse')
        model.optimizer.build(model.trainable_variables)
        model.save(out('model.keras'))
    layers = [weight.numpy() for layer in model.layers for weight in layer.weights
              if not isinstance(layer, keras.layers.Normalization) and weight.dtype == 'float32']
    np.savez(out('layers.npz'), *layers)
    images = random.normal(size=(args.batch, args.size, args.size, 3)).astype('<f4')
    np.save(out('input.npy'), images)
    features = keras.Model(model.input, model.get_layer('avg_pool').output)
    np.save(out('logits-keras.npy'), model(scale * images, training=False).numpy())
    np.save(out('features-keras.npy'), features(scale * images, training=False).numpy())
    versions = {
        'python': sys.version.split()[0], 'keras': keras.__version__, 'numpy': np.__version__,
        'tensorflow': tf.__version__, 'h5py': h5py.__version__, 'tf_keras': keras2,
        'arguments': vars(args),
    }
    with open(out('keras.json'), 'w') as file:
        json.dump(versions, file)


main()
