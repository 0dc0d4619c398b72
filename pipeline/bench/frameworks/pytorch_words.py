"""The words that cases are written in, by PyTorch's own functions."""

from types import ModuleType

from pipeline.bench.operations import BY_METHODS, Tensor, Word, composed


def words(torch: ModuleType) -> dict[str, Word]:
    """Return them by name; those that are written out differ from others' in name or order of axes."""
    f = torch.nn.functional

    def lstm(sequences: Tensor, entering: Tensor, recurring: Tensor, bias: Tensor) -> Tensor:
        start = sequences.new_zeros(1, sequences.shape[0], recurring.shape[1])
        weights = (entering, recurring, bias, torch.zeros_like(bias))
        # sequences, (hidden, cell), weights, has biases, layers, dropout, trains, both ways, batch first
        return torch.lstm(sequences, (start, start), weights, True, 1, 0.0, False, False, True)[0]

    own: dict[str, Word] = {
        "dense": f.linear,
        "convolution": lambda images, kernels, stride=1: f.conv2d(
            images, kernels, stride=stride, padding=kernels.shape[-1] // 2
        ),
        "max_pool": lambda images, side: f.max_pool2d(images, kernel_size=side, stride=2, padding=side - 2),
        "batch_norm": lambda images, scale, shift: f.batch_norm(images, None, None, scale, shift, training=True),
        "fixed_norm": lambda images, scale, shift, mean, variance: f.batch_norm(images, mean, variance, scale, shift),
        "layer_norm": lambda rows, scale, shift: f.layer_norm(rows, scale.shape, scale, shift),
        "gelu": f.gelu,
        "softmax": lambda rows: f.softmax(rows, dim=-1),
        "attention": f.scaled_dot_product_attention,
        "embedding": lambda table, indices: f.embedding(indices, table),
        "lstm": lstm,
        "recomputed": lambda part, values: torch.utils.checkpoint.checkpoint(part, values, use_reentrant=False),
        "cross_entropy": f.cross_entropy,
    }
    return composed(torch, f) | BY_METHODS | own
