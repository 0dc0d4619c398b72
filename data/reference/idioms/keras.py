"""Keras as its users write it: its layers, its optimiser, and its own training step of a batch."""

import keras
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
    network.compile(optimizer=keras.optimizers.SGD(learning_rate), loss=loss)
    inputs, labels = map(keras.ops.convert_to_numpy, batch)

    def step():
        return network.train_on_batch(inputs, labels, return_dict=True)["loss"]

    return step
