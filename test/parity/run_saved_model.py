"""Runs a SavedModel's serving signature: run_saved_model.py MODEL IMAGES.npy LOGITS.npy"""
import sys

import numpy as np
import tensorflow as tf

model, images, logits = sys.argv[1:4]
serve = tf.saved_model.load(model).signatures['serving_default']
(name, spec), = serve.structured_input_signature[1].items()
assert name == 'images' and spec.shape[0] is None, spec
np.save(logits, serve(images=tf.constant(np.load(images)))['logits'].numpy())
