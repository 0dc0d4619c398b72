"""The special measurements of the benchmarks, one file each."""
