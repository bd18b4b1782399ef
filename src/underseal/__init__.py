"""Underseal: reports filed under seal, decisions explained in the open."""
