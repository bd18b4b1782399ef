"""The console: the pages that moderators work in."""
