"""The laboratory: the simulated platform, its adversaries, its own videos, and the benchmarks."""
