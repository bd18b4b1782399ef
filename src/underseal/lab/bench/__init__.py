"""The benchmarks: `NAME.run` returns the figures of `underseal bench NAME`, by key.

Each measures a baseline in the same run, because machines differ, and notes what the machine was
busy with.
"""
