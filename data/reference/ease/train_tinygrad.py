"""A small network, trained in tinygrad on the points of a file: `python train_tinygrad.py points.npz`."""

import sys

import numpy as np
from tinygrad import Context, Tensor, TinyJit, nn

points = np.load(sys.argv[1])
rows, labels = Tensor(points["rows"]), Tensor(points["labels"])

Tensor.manual_seed(0)
layers = [nn.Linear(8, 16), Tensor.tanh, nn.Linear(16, 3)]
optimizer = nn.optim.SGD(nn.state.get_parameters(layers), lr=0.5)


@TinyJit
@Context(TRAINING=1)
def step():
    optimizer.zero_grad()
    loss = rows.sequential(layers).sparse_categorical_crossentropy(labels).backward()
    return loss.realize(*optimizer.schedule_step())


for _ in range(200):
    loss = step()

loss = loss.item()
print(f"loss after training: {loss:.3f}")
