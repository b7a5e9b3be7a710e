"""`manage.py serve`: the whole service in one terminal."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from changping.serve import broker
from changping.serve.children import Child
from changping.serve.lock import AlreadyRunning, ServeLock
from tests.stack import ROOT, Stack, clean_environment, free_port, running_stack, wait_until

pytestmark = pytest.mark.slow


def serve(var_dir: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "manage.py", "serve", *arguments],
        cwd=ROOT,
        env=clean_environment(var_dir, **variables),
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_a_started_service_is_ready_and_says_where(stack: Stack):
    status, text = stack.get("/readyz")

    assert (status, '"ready": true' in text) == (200, True)
    assert stack.url in stack.output
    assert set(stack.pids) == {"broker", "worker", "beat", "webhooks", "web"}


def test_a_second_start_says_that_it_is_already_running_and_where(stack: Stack):
    second = serve(stack.var_dir, "--port", str(free_port()))

    assert second.returncode == 1
    assert "already running" in second.stderr
    assert stack.url in second.stderr
    assert "Traceback" not in second.stderr
    assert stack.get("/healthz")[0] == 200


def test_a_busy_port_is_said_plainly(tmp_path: Path):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]

        refused = serve(tmp_path / "var", "--port", str(port))

    assert refused.returncode == 1
    assert f"port {port}" in refused.stderr
    assert "busy" in refused.stderr or "in use" in refused.stderr
    assert "Traceback" not in refused.stderr


@pytest.mark.parametrize("port", ["0", "65536", "-1"])
def test_an_impossible_port_is_said_plainly(tmp_path: Path, port: str):
    refused = serve(tmp_path / "var", f"--port={port}")

    assert refused.returncode == 1
    assert "between 1 and 65535" in refused.stderr


def test_a_folder_that_cannot_be_written_is_said_plainly(tmp_path: Path):
    (tmp_path / "file").write_text("not a folder")

    refused = serve(tmp_path / "file" / "var", SECRET_KEY="x" * 10)

    assert refused.returncode == 1
    assert "cannot write" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_ctrl_c_ends_every_child_and_leaves_nothing_behind(own_stack: Stack):
    sockets = broker.socket_dir(own_stack.var_dir)
    before = own_stack.every_process()
    assert len(before) >= 6  # supervisor, broker, worker and its pool, beat, web and its worker

    own_stack.process.send_signal(signal.SIGINT)

    assert own_stack.process.wait(timeout=40) == 0
    assert own_stack.alive() == []
    assert not sockets.exists()
    assert own_stack.output.rstrip().endswith("stopped")
    assert "Traceback" not in own_stack.output


def test_a_killed_supervisor_leaves_no_orphans_and_the_next_start_is_clean():
    with running_stack() as stack:
        stack.every_process()

        stack.process.kill()
        stack.process.wait()

        wait_until(lambda: not stack.alive(), what="the end of every child")
        again = ServeLock(stack.var_dir)
        again.release()


@pytest.mark.parametrize("name", ["broker", "worker", "beat", "webhooks", "web"])
def test_a_killed_child_is_started_again(own_stack_of_module: Stack, name: str):
    stack = own_stack_of_module
    old = stack.pids[name]

    os.kill(old, signal.SIGKILL)

    wait_until(lambda: stack.pids.get(name, old) != old, what=f"another {name}")
    wait_until(stack.is_ready, what="the service being ready again")
    assert f"{name} ended (signal SIGKILL)" in stack.output


@pytest.fixture(scope="module")
def own_stack_of_module():
    with running_stack() as running:
        yield running


def test_the_lock_is_free_after_its_holder(tmp_path: Path):
    first = ServeLock(tmp_path)
    first.write("http://127.0.0.1:1/", {"web": 1})

    with pytest.raises(AlreadyRunning) as told:
        ServeLock(tmp_path)
    first.release()
    ServeLock(tmp_path).release()

    assert (told.value.address, told.value.pid) == ("http://127.0.0.1:1/", os.getpid())


def test_the_socket_lives_in_a_short_private_folder(tmp_path: Path):
    folder = broker.socket_dir(tmp_path / ("deep" * 40))

    try:
        assert folder.stat().st_mode & 0o777 == 0o700
        assert len(os.fsencode(folder / "broker.sock")) <= broker.SOCKET_PATH_BYTES
    finally:
        folder.rmdir()


def test_a_folder_that_others_can_read_is_refused_for_the_socket(tmp_path: Path):
    folder = broker.socket_dir(tmp_path)
    folder.chmod(0o755)

    try:
        with pytest.raises(broker.BrokerUnavailable, match="private folder"):
            broker.socket_dir(tmp_path)
    finally:
        folder.rmdir()


def test_a_child_that_ignores_the_polite_signal_is_killed_with_its_own_children():
    script = "trap '' TERM; sleep 60 & echo ready; wait; wait"
    child = Child("stubborn", ["sh", "-c", script], {"PATH": os.environ["PATH"]})
    child.start()
    wait_until(lambda: psutil.Process(child.pid).children(), what="the child's own child")
    family = [psutil.Process(child.pid), *psutil.Process(child.pid).children()]

    child.stop(patience=0.2)

    _, still_alive = psutil.wait_procs(family, timeout=5)
    assert still_alive == []
