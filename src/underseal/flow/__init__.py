"""What happens: one verb a file.

Each flow loads records from the store, lets `core` decide, and saves what follows, in one
transaction. `store`, `seal` and `scan` meet here and nowhere else.
"""
