"""A small network, trained in Keras on the points of a file: `python train_keras.py points.npz`."""

import sys

import keras
import numpy as np

points = np.load(sys.argv[1])
rows, labels = points["rows"], points["labels"]

keras.utils.set_random_seed(0)
model = keras.Sequential([keras.layers.Dense(16, activation="tanh"), keras.layers.Dense(3)])
model.compile(keras.optimizers.SGD(0.5), keras.losses.SparseCategoricalCrossentropy(from_logits=True))
history = model.fit(rows, labels, batch_size=len(rows), epochs=200, verbose=0)

loss = history.history["loss"][-1]
print(f"loss after training: {loss:.3f}")
