"""Where files of batches are kept: a storage of Django's, `STORAGES["batches"]`, on this machine's disk or elsewhere."""

import os
import re
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.base import ContentFile, File
from django.core.files.storage import FileSystemStorage, Storage, storages

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
# Of what is received, or copied to be read, and then left behind by a process that was killed.
LEFT_BEHIND = 24 * 3600


class DiskStorage(FileSystemStorage):
    """Files on a disk, there for good once they are saved: also after the machine lost its power."""

    def _save(self, name: str, content: Any) -> str:
        saved = super()._save(name, content)
        path = Path(self.path(saved))
        for one in (path, path.parent):
            opened = os.open(one, os.O_RDONLY)
            try:
                os.fsync(opened)
            finally:
                os.close(opened)
        return saved


class Received(File):
    """A file on this machine that may be moved instead of copied."""

    def temporary_file_path(self) -> str:
        """Where it is."""
        return str(self.name)


def store() -> Storage:
    """The storage."""
    return storages["batches"]


def keep(name: str, content: bytes | Path) -> str:
    """Keep bytes, or a file that is then gone from where it was; the name by which it can be read again."""
    if isinstance(content, bytes):
        return store().save(name, ContentFile(content))
    with content.open("rb") as opened:
        saved = store().save(name, Received(opened, name=str(content)))
    content.unlink(missing_ok=True)
    return saved


def read(name: str) -> bytes:
    """All of a kept file."""
    with store().open(name) as opened:
        return bytes(opened.read())


def forget(name: str) -> None:
    """Take a kept file away; nothing happens where there is none."""
    with suppress(FileNotFoundError):
        store().delete(name)


def forget_folder(folder: str) -> None:
    """Take everything below a folder away, and the folder where the storage has such a thing."""
    with suppress(FileNotFoundError):
        folders, names = store().listdir(folder)
        for name in names:
            forget(f"{folder}/{name}")
        for inner in folders:
            forget_folder(f"{folder}/{inner}")
        forget(folder)


def folders() -> list[str]:
    """The folders of batches, each called as its batch."""
    try:
        return [name for name in store().listdir("")[0] if _UUID.fullmatch(name)]
    except FileNotFoundError:
        return []


def is_older(folder: str, moment: datetime) -> bool:
    """Whether nothing right in this folder was kept since then."""
    return all(store().get_modified_time(f"{folder}/{name}") < moment for name in store().listdir(folder)[1])


@contextmanager
def working_file(suffix: str = "") -> Iterator[Path]:
    """A file of this machine to write into; gone afterwards, unless it was moved."""
    folder = _working()
    handle, name = tempfile.mkstemp(suffix=suffix, dir=folder)
    os.close(handle)
    try:
        yield Path(name)
    finally:
        Path(name).unlink(missing_ok=True)


def local_copy(name: str, size: int) -> Path:
    """The kept file on this machine's disk: itself, or a copy that later calls find again (`forget_copy`)."""
    storage = store()
    try:
        return Path(storage.path(name))
    except NotImplementedError:
        pass  # how Django's storages say that their files are not on this machine's disk
    copy = _copy_of(name)
    if not copy.exists() or copy.stat().st_size != size:
        with working_file() as fresh:
            with storage.open(name) as opened, fresh.open("wb") as written:
                shutil.copyfileobj(opened, written, 1 << 20)
            fresh.replace(copy)
    return copy


def forget_copy(name: str) -> None:
    """Take this machine's copy of a kept file away, if there is one."""
    _copy_of(name).unlink(missing_ok=True)


def forget_left_behind() -> None:
    """Take away what killed processes have left on this machine."""
    for path in _working().iterdir():
        with suppress(FileNotFoundError):
            if time.time() - path.stat().st_mtime > LEFT_BEHIND:
                path.unlink()


def _working() -> Path:
    folder = Path(settings.BATCH_WORK_DIR)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder


def _copy_of(name: str) -> Path:
    return _working() / f"copy-{name.replace('/', '-')}"
