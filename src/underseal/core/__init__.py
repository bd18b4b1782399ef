"""What is decided: pure functions on frozen records.

Nothing here does input or output, reads a clock, draws a random number or holds a key; all of
that is passed in. One noun a file.
"""
