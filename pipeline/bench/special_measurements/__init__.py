"""The special measurements of the benchmarks."""
