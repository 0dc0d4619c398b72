"""A small network, trained in PyTorch on the points of a file: `python train_torch.py points.npz`."""

import sys

import numpy as np
import torch

points = np.load(sys.argv[1])
rows, labels = torch.tensor(points["rows"]), torch.tensor(points["labels"])

torch.manual_seed(0)
model = torch.nn.Sequential(torch.nn.Linear(8, 16), torch.nn.Tanh(), torch.nn.Linear(16, 3))
optimizer = torch.optim.SGD(model.parameters(), lr=0.5)
for _ in range(200):
    optimizer.zero_grad()
    loss = torch.nn.functional.cross_entropy(model(rows), labels)
    loss.backward()
    optimizer.step()

loss = loss.item()
print(f"loss after training: {loss:.3f}")
