"""Work in the background: each handler calls one flow, and is done.

What is to be done stands in the tables that the flows write (pending assessments, scans, due
deliveries, ticks). Workers, in any number, take rows under a lease; there is no second queue that
could disagree with them: docs/decisions/0008.
"""
