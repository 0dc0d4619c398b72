"""PyTorch as its users write it: layers of `torch.nn`, and an optimiser of `torch.optim`."""

import torch
from torch import nn


def mlp():
    return nn.Sequential(nn.Linear(784, 256), nn.ReLU(), nn.Linear(256, 10))


def cnn():
    def block(entering, leaving):
        convolution = nn.Conv2d(entering, leaving, kernel_size=3, padding=1, bias=False)
        return nn.Sequential(convolution, nn.BatchNorm2d(leaving), nn.ReLU(), nn.MaxPool2d(2))

    return nn.Sequential(
        block(3, 32), block(32, 64), block(64, 128), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(128, 10)
    )


NETWORKS = {"MLP": mlp, "CNN": cnn}
loss = nn.CrossEntropyLoss()


def filled(network, values):
    """Return the weights, layer by layer, on the device of these values and equal to them."""
    weights = list(network.to(values[0].device).parameters())
    with torch.no_grad():
        for weight, value in zip(weights, values, strict=True):
            weight.copy_(value)
    return weights


def training(network, loss, learning_rate, mode, batch):
    """Return a function that takes a step and returns the loss."""
    inputs, labels = batch
    optimizer = torch.optim.SGD(network.parameters(), lr=learning_rate)
    model = network if mode == "eager" else torch.compile(network)

    def step():
        optimizer.zero_grad()
        found = loss(model(inputs), labels)
        found.backward()
        optimizer.step()
        return found

    return step
