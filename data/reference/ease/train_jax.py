"""A small network, trained in JAX on the points of a file: `python train_jax.py points.npz`.

By JAX alone: layers and optimisers come in packages of their own.
"""

import sys

import jax
import numpy as np
from jax import numpy as jnp

points = np.load(sys.argv[1])
rows, labels = jnp.array(points["rows"]), jnp.array(points["labels"])

first, second = jax.random.split(jax.random.key(0))
weights = {
    "hidden weights": jax.random.normal(first, (8, 16)) * 8**-0.5,
    "hidden bias": jnp.zeros(16),
    "class weights": jax.random.normal(second, (16, 3)) * 16**-0.5,
    "class bias": jnp.zeros(3),
}


def loss_of(weights):
    hidden = jnp.tanh(rows @ weights["hidden weights"] + weights["hidden bias"])
    scores = jax.nn.log_softmax(hidden @ weights["class weights"] + weights["class bias"])
    return -jnp.mean(scores[jnp.arange(len(labels)), labels])


@jax.jit
def step(weights):
    loss, gradients = jax.value_and_grad(loss_of)(weights)
    return loss, jax.tree.map(lambda weight, gradient: weight - 0.5 * gradient, weights, gradients)


for _ in range(200):
    loss, weights = step(weights)

loss = float(loss)
print(f"loss after training: {loss:.3f}")
