"""JAX as its users write it: layers of Flax (NNX), and an optimiser of Optax."""

import optax
from flax import nnx


def mlp():
    seeds = nnx.Rngs(0)
    return nnx.Sequential(nnx.Linear(784, 256, rngs=seeds), nnx.relu, nnx.Linear(256, 10, rngs=seeds))


def cnn():
    seeds = nnx.Rngs(0)

    def block(entering, leaving):
        return (
            nnx.Conv(entering, leaving, (3, 3), use_bias=False, rngs=seeds),
            nnx.BatchNorm(leaving, epsilon=1e-5, rngs=seeds),
            nnx.relu,
            lambda images: nnx.max_pool(images, (2, 2), strides=(2, 2)),
        )

    blocks = (*block(3, 32), *block(32, 64), *block(64, 128))
    return nnx.Sequential(*blocks, lambda images: images.mean(axis=(1, 2)), nnx.Linear(128, 10, rngs=seeds))


NETWORKS = {"MLP": mlp, "CNN": cnn}


def loss(scores, labels):
    return optax.softmax_cross_entropy_with_integer_labels(scores, labels).mean()


def filled(network, values):
    """Return the weights, layer by layer, equal to these values."""
    names = ("kernel", "scale", "bias")
    weights = [
        getattr(layer, name) for layer in network.layers for name in names if getattr(layer, name, None) is not None
    ]
    for weight, value in zip(weights, values, strict=True):
        weight[...] = value
    return weights


def training(network, loss, learning_rate, mode, batch):
    """Return a function that takes a step and returns the loss."""
    optimizer = nnx.Optimizer(network, optax.sgd(learning_rate), wrt=nnx.Param)

    def train(network, optimizer, inputs, labels):
        found, gradients = nnx.value_and_grad(lambda network: loss(network(inputs), labels))(network)
        optimizer.update(network, gradients)
        return found

    step = train if mode == "eager" else nnx.jit(train)
    return lambda: step(network, optimizer, *batch)
