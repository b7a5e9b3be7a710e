"""How far a batch has come, kept beside its output, so that the same command goes on after a kill."""

import fcntl
import json
import os
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from companies.facts import Text
from matching.batches.faults import BatchFault
from matching.batches.files import unreadable


@dataclass(slots=True)
class Progress:
    """The chunks that are safely on disk: where the input goes on, how long each file is, what was counted."""

    key: dict[str, Any]
    """What the work depends on: another key is other work."""
    offset: int
    line: int
    chunks: int = 0
    matched: int = 0
    rejected: int = 0
    left_out: int = 0
    verdicts: list[int] = field(default_factory=list)
    lengths: dict[str, int] = field(default_factory=dict)


class Workplace:
    """The files of one batch while it is being made; nothing stands under its final name before all is done."""

    def __init__(self, out: Path, rejects: Path, *, footers: bool) -> None:
        self.out = out
        self.rejects = rejects
        self.state = out.with_name(out.name + ".progress")
        names = {"result": _part(out), "rejects": _part(rejects)}
        self.parts = names | ({"footers": out.with_name(out.name + ".footers.part")} if footers else {})
        self.opened: dict[str, BinaryIO] = {}

    def open(self, progress: Progress | None) -> None:
        """Take the place (one batch at a time) and open its files: anew, or cut back to the last finished chunk."""
        try:
            for name, path in self.parts.items():
                self.opened[name] = path.open("r+b" if path.exists() else "w+b")
            fcntl.flock(self.opened["result"], fcntl.LOCK_EX | fcntl.LOCK_NB)
            if os.fstat(self.opened["result"].fileno()).st_ino != self.parts["result"].stat().st_ino:
                raise BlockingIOError  # finished, and given its name, between opening and locking
            for name, opened in self.opened.items():
                length = progress.lengths[name] if progress else 0
                opened.truncate(length)
                opened.seek(length)
        except BlockingIOError:
            self.close()
            raise BatchFault(
                Text(
                    f"{self.out}: another batch is writing this result.", f"{self.out}：另一个批量匹配正在写入此结果。"
                ),
                resumable=True,
            ) from None
        except OSError as fault:
            self.close()
            raise unreadable(self.out, fault) from fault

    def saved(self) -> Progress | None:
        """The progress of an earlier run, if its files are all there."""
        try:
            plain = json.loads(self.state.read_text(encoding="utf-8"))
            progress = Progress(**plain)
            whole = all(self.parts[name].stat().st_size >= length for name, length in progress.lengths.items())
            return progress if whole and set(progress.lengths) == set(self.parts) else None
        except FileNotFoundError:
            return None
        except (OSError, ValueError, TypeError, KeyError):
            return None

    def append(self, name: str, written: bytes) -> None:
        """Add bytes to one of the files."""
        self.opened[name].write(written)

    def length(self, name: str) -> int:
        """How long one of the files is by now."""
        return self.opened[name].tell()

    def keep(self, progress: Progress) -> None:
        """Make sure that everything appended is on disk, then say so."""
        for opened in self.opened.values():
            opened.flush()
            os.fsync(opened.fileno())
        progress.lengths = {name: self.length(name) for name in self.parts}
        beside = self.state.with_name(self.state.name + ".new")
        with beside.open("w", encoding="utf-8") as written:
            json.dump(asdict(progress), written, ensure_ascii=False)
            written.flush()
            os.fsync(written.fileno())
        os.replace(beside, self.state)

    def read(self, name: str) -> bytes:
        """All of one of the files."""
        self.opened[name].flush()
        return self.parts[name].read_bytes()

    def finish(self) -> None:
        """Give the results their names, and leave nothing else behind."""
        for opened in self.opened.values():
            opened.flush()
            os.fsync(opened.fileno())
        os.replace(self.parts["rejects"], self.rejects)
        os.replace(self.parts["result"], self.out)
        self.close()
        for path in (self.state, *self.parts.values()):
            path.unlink(missing_ok=True)

    def give_up(self) -> None:
        """Leave nothing behind: the work cannot go on from here."""
        self.close()
        for path in (self.state, *self.parts.values()):
            path.unlink(missing_ok=True)

    def close(self) -> None:
        """Close the files; what is on disk stays."""
        for opened in self.opened.values():
            with suppress(OSError):  # a full disk: what was not kept is cut off by the next run
                opened.close()
        self.opened = {}


def _part(path: Path) -> Path:
    return path.with_name(path.name + ".part")
