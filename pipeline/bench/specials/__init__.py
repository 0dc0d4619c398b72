"""The probes of the benchmarks, one file each."""
