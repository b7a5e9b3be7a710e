"""Tabler's style sheet and script, served in place from npm's folder."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import BaseFinder
from django.core.checks import CheckMessage, Error
from django.core.files.storage import FileSystemStorage

# The package holds 915 files; these are the ones our pages load, and the maps that they name
# (the manifest of the served edition refuses a file that points to a missing one).
SERVED_FILES = ("css/tabler.min.css", "css/tabler.min.css.map", "js/tabler.min.js", "js/tabler.min.js.map")
PREFIX = "tabler"


class TablerFinder(BaseFinder):
    """Finds `tabler/css/tabler.min.css` and `tabler/js/tabler.min.js`, and nothing else of the package."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.storage = FileSystemStorage(location=settings.TABLER_DIR)
        self.storage.prefix = PREFIX  # type: ignore[attr-defined]  # what collectstatic reads

    def check(self, **kwargs: Any) -> list[CheckMessage]:
        missing = [name for name in SERVED_FILES if not (Path(settings.TABLER_DIR) / name).is_file()]
        if not missing:
            return []
        return [
            Error(
                f"Tabler is not installed: {', '.join(missing)} not found in {settings.TABLER_DIR}",
                hint="run `npm ci`, or any `./run` command, which does it",
                id="changping.E001",
            )
        ]

    def find(self, path: str, find_all: bool = False, **kwargs: Any) -> Any:
        name = path.removeprefix(f"{PREFIX}/")
        if name == path or name not in SERVED_FILES or not self.storage.exists(name):
            return []
        found = self.storage.path(name)
        return [found] if find_all else found

    def list(self, ignore_patterns: Any) -> Iterator[tuple[str, FileSystemStorage]]:
        for name in SERVED_FILES:
            if self.storage.exists(name):
                yield name, self.storage
