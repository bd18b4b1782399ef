"""Who reported: keyed hashes and encryption between a reporter's id and everything that is stored.

Nothing here reads a clock or a database. The keys lie in a folder of their own; what is made of
them is bytes that say nothing without them. One noun a file.
"""
