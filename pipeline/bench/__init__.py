"""Micro-benchmarks: each framework in its own child process, outputs compared before anything is timed."""
