"""The guidelines that Underseal comes with, as the laboratory plays by them."""

from functools import cache
from importlib.resources import files

from underseal.core.guideline import Guidelines
from underseal.core.guideline_file import parse


@cache
def own_guidelines() -> Guidelines:
    """Return them."""
    return parse((files("underseal") / "guidelines.toml").read_text(), "guidelines.toml")
