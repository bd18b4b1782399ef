"""A video with media of its own on a stage: uploaded, frozen, and ready to be watched."""

from pathlib import Path

from stage import Stage
from staging import account

from underseal.core.subject import SubjectKind, SubjectRef
from underseal.flow.register_subject import Registration, register_subject
from underseal.flow.upload_media import VersionRef, upload_media
from underseal.lab.videos import make_video


async def upload(stage: Stage, media: bytes, name: str = "v1", **given: str) -> SubjectRef:
    """Register a video of Carl's with its media; `given` are `creator`, `caption`, `language`."""
    ref = SubjectRef(kind=SubjectKind.VIDEO, external_id=name)
    registration = Registration(
        ref=ref,
        creator=account(given.get("creator", "carl")),
        caption=given.get("caption", ""),
        language=given.get("language", "en"),
        has_upload=True,
    )
    await register_subject(stage.system, registration, stage.now)

    async def chunks():
        yield media

    await upload_media(stage.system, VersionRef(ref=ref, version=1), chunks(), stage.now)
    return ref


def film(folder: Path, **given: object) -> bytes:
    """Return a video of the laboratory's; `given` are what `make_video` takes."""
    path = folder / "film.mp4"
    make_video(path, **given)
    return path.read_bytes()
