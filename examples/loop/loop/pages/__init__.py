"""The pages: each module reads a request, calls what does the work, and renders a template."""

from loop.pages import (
    account,
    doors,
    feed,
    hooks,
    inbox,
    profile,
    reports,
    upload,
    video,
)

MODULES = (account, doors, feed, hooks, inbox, profile, reports, upload, video)
"""Every module with pages; each has its `handlers`."""
