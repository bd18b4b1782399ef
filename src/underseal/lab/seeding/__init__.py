"""Months of a platform's life for people to look at: everything through the real flow."""
