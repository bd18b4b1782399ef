"""A base for records whose contents must not reach a log, a traceback or a debugger's prompt."""


class Redacted:
    """Shows its type and nothing else. Subclasses are dataclasses with `repr=False`."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"{type(self).__name__}(redacted)"
