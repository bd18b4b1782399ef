import io
import secrets
import threading
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest

from underseal.store.media import MediaFolder, MediaMissingError

BYTES = secrets.token_bytes(3 * 2**20 + 7)


@pytest.fixture
def folder(tmp_path) -> MediaFolder:
    return MediaFolder(tmp_path / "media")


def files(folder: MediaFolder) -> list:
    return [path for path in folder.root.rglob("*") if path.is_file()]


def test_what_was_frozen_is_read_in_any_order(folder):
    location = str(uuid4())
    folder.freeze(location, io.BytesIO(BYTES))
    with folder.open(location) as copy:
        copy.seek(2**20)
        assert copy.read(10) == BYTES[2**20 : 2**20 + 10]
        copy.seek(0)
        assert copy.read() == BYTES


def test_nothing_replaces_what_is_frozen(folder):
    location = str(uuid4())
    folder.freeze(location, io.BytesIO(b"first"))
    with pytest.raises(FileExistsError):
        folder.freeze(location, io.BytesIO(b"second"))
    with folder.open(location) as copy:
        assert copy.read() == b"first"
    assert len(files(folder)) == 1


def test_what_breaks_off_leaves_nothing_and_can_be_frozen_again(folder):
    class Broken(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            if self.tell() > 2**20:
                raise OSError("the disk is gone")
            return super().read(size)

    location = str(uuid4())
    with pytest.raises(OSError, match="gone"):
        folder.freeze(location, Broken(BYTES))
    assert files(folder) == []
    with pytest.raises(MediaMissingError):
        folder.open(location)
    folder.freeze(location, io.BytesIO(BYTES))


def test_nobody_else_reads_a_copy(folder):
    folder.freeze(str(uuid4()), io.BytesIO(b"x"))
    for path in (*files(folder), *(each.parent for each in files(folder))):
        assert path.stat().st_mode & 0o077 == 0


def test_of_those_who_freeze_at_the_same_time_one_does(folder):
    location = str(uuid4())
    together = threading.Barrier(4)

    def freeze(number: int) -> int | None:
        together.wait()
        try:
            folder.freeze(location, io.BytesIO(bytes([number]) * 100_000))
        except FileExistsError:
            return None
        return number

    with ThreadPoolExecutor(4) as threads:
        done = [each for each in threads.map(freeze, range(4)) if each is not None]
    assert len(done) == 1
    with folder.open(location) as copy:
        assert copy.read() == bytes(done) * 100_000


@pytest.mark.parametrize(
    "location", ["../../etc/passwd", "/etc/passwd", "", ".", "a/b", "a\0b", "ä/ö"]
)
def test_a_location_cannot_lead_out_of_the_folder(folder, location):
    with pytest.raises(MediaMissingError):
        folder.open(location)
    with pytest.raises(MediaMissingError):
        folder.freeze(location, io.BytesIO(b"x"))
    assert not folder.root.exists() or not any(folder.root.iterdir())


def test_copies_are_spread_over_folders(folder):
    for _ in range(20):
        folder.freeze(str(uuid4()), io.BytesIO(b"x"))
    assert len({path.parent for path in files(folder)}) > 5
