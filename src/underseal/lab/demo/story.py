"""The story: its steps, in order, and the videos that are in it."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

import httpx

from underseal.client import ApiError
from underseal.lab.demo.afterwards import audit, brigade, receipts, withdraw
from underseal.lab.demo.known import EDITS, catch_copies, refuse_appeal
from underseal.lab.demo.narrator import StoryError
from underseal.lab.demo.people import CALL, COPIES, DANCE, SKETCH
from underseal.lab.demo.removal import forget, hold, lone_report, reinstate, remove, upload
from underseal.lab.demo.scene import Scene
from underseal.lab.demo.stage import Place
from underseal.lab.videos import copy_video, make_video

Step = Callable[[Scene], Awaitable[None]]

STEPS: Final[tuple[Step, ...]] = (
    upload,
    lone_report,
    hold,
    forget,
    remove,
    reinstate,
    refuse_appeal,
    catch_copies,
    brigade,
    withdraw,
    receipts,
    audit,
)

SCENES: Final = {DANCE: 11, SKETCH: 22, CALL: 33}
"""Which of the laboratory's scenes each video shows."""


async def play(scene: Scene) -> None:
    """Play the whole story.

    Raises:
        StoryError: something is not as it should be.
        ServerFailedError: a server has ended.
    """
    for step in STEPS:
        title = (step.__doc__ or step.__name__).partition("\n")[0].rstrip(".")
        scene.tell.step(title)
        try:
            await step(scene)
        except ApiError as refused:
            raise StoryError("that the API takes the request", refused) from refused
        except httpx.TransportError as broken:
            scene.stage.check_servers()
            raise StoryError("an answer of the API", repr(broken)) from broken


async def make_videos(place: Place) -> None:
    """Make the videos of the story, those that are uploaded a second time included."""
    await asyncio.to_thread(_make_videos, place)


def _make_videos(place: Place) -> None:
    for (_, name), scene in SCENES.items():
        make_video(place.videos / f"{name}.mp4", scene=scene)
    original = place.videos / f"{CALL[1]}.mp4"
    for (_, name), edit in zip(COPIES, EDITS, strict=True):
        copy_video(original, place.videos / f"{name}.mp4", edit)
