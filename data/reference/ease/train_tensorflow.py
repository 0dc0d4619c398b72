"""A small network, trained in TensorFlow on the points of a file: `python train_tensorflow.py points.npz`.

By TensorFlow alone: its layers and training loops are Keras's, which has a file of its own.
"""

import sys

import numpy as np
import tensorflow as tf

points = np.load(sys.argv[1])
rows, labels = tf.constant(points["rows"]), tf.constant(points["labels"])

tf.random.set_seed(0)
hidden_weights = tf.Variable(tf.random.normal((8, 16), stddev=8**-0.5))
hidden_bias = tf.Variable(tf.zeros(16))
class_weights = tf.Variable(tf.random.normal((16, 3), stddev=16**-0.5))
class_bias = tf.Variable(tf.zeros(3))
weights = [hidden_weights, hidden_bias, class_weights, class_bias]


@tf.function
def step():
    with tf.GradientTape() as tape:
        hidden = tf.tanh(rows @ hidden_weights + hidden_bias)
        scores = hidden @ class_weights + class_bias
        loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels, scores))
    for weight, gradient in zip(weights, tape.gradient(loss, weights)):
        weight.assign_sub(0.5 * gradient)
    return loss


for _ in range(200):
    loss = step()

loss = float(loss)
print(f"loss after training: {loss:.3f}")
