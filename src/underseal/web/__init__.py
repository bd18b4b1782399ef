"""Who comes in: the fast path of reports, the API, and the pages.

Nothing here decides; a request is read, one flow is called, and its result is written.
"""
