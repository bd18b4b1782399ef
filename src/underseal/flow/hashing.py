"""Passwords are hashed beside the event loop, a few at a time: each takes 64 MiB and a core."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final, ParamSpec, TypeVar

AT_ONCE: Final = 2
"""A setting; whoever floods the page for signing in waits in line."""

_THREADS: Final = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="hashing")

Given = ParamSpec("Given")
Answer = TypeVar("Answer")


async def in_turn(
    work: Callable[Given, Answer], *args: Given.args, **kwargs: Given.kwargs
) -> Answer:
    """Hash in a thread when it is our turn, and return what came of it."""
    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(_THREADS, lambda: work(*args, **kwargs))
