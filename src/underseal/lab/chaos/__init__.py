"""Kills processes in mid-work and looks for what was lost.

`cast` runs web, worker and database as real processes and kills them; `load` uses the API
meanwhile and remembers what it was answered; `auditor` reads the database afterwards with code of
its own.
"""
