"""TensorFlow as its users write it: layers and optimiser of Keras, in a training loop of one's own."""

import keras
import tensorflow as tf
from keras import layers


def mlp():
    return keras.Sequential([keras.Input((784,)), layers.Dense(256, activation="relu"), layers.Dense(10)])


def cnn():
    def block(leaving):
        return [
            layers.Conv2D(leaving, 3, padding="same", use_bias=False),
            layers.BatchNormalization(epsilon=1e-5),
            layers.ReLU(),
            layers.MaxPooling2D(),
        ]

    blocks = [*block(32), *block(64), *block(128)]
    return keras.Sequential([keras.Input((32, 32, 3)), *blocks, layers.GlobalAveragePooling2D(), layers.Dense(10)])


NETWORKS = {"MLP": mlp, "CNN": cnn}
loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)


def filled(network, values):
    """Return the weights, layer by layer, equal to these values."""
    for weight, value in zip(network.trainable_variables, values, strict=True):
        weight.assign(value)
    return network.trainable_variables


def training(network, loss, learning_rate, mode, batch):
    """Return a function that takes a step and returns the loss."""
    optimizer = keras.optimizers.SGD(learning_rate)
    optimizer.build(network.trainable_variables)

    def train(inputs, labels):
        with tf.GradientTape() as tape:
            found = loss(labels, network(inputs, training=True))
        gradients = tape.gradient(found, network.trainable_variables)
        optimizer.apply_gradients(zip(gradients, network.trainable_variables, strict=True))
        return found

    step = train if mode == "eager" else tf.function(train, jit_compile=True if mode == "xla" else None)
    return lambda: step(*batch)
