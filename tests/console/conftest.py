"""The console on a database of the test's own, with the guidelines that are shipped in force."""

from web_site import clock, keys, site, stage, system

__all__ = ["clock", "keys", "site", "stage", "system"]
