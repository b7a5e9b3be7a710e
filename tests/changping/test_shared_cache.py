"""A Redis that is dead, frozen or full refuses nobody: counts go on in the process, and are shared again afterwards."""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path

import pytest
import redis
from django.core.cache.backends.locmem import LocMemCache
from django.core.cache.backends.redis import RedisCache

from changping import shared_cache
from changping.shared_cache import SharedCache
from companies import outages
from companies.outages import Silence
from companies.rates import count_one_more
from tests.stack import wait_until

pytestmark = [pytest.mark.slow, pytest.mark.redis]


@pytest.fixture(autouse=True)
def silence(monkeypatch):
    """What this process knows about Redis belongs to one test."""
    monkeypatch.setattr(shared_cache, "_SILENCE", Silence())
    LocMemCache("while-redis-is-silent", {}).clear()


@pytest.fixture
def server(redis_server_binary, tmp_path):
    """A Redis of the test's own, and its socket."""
    path = tmp_path / "r.sock"
    options = ["--port", "0", "--unixsocket", str(path), "--save", "", "--dir", str(tmp_path)]
    process = subprocess.Popen([redis_server_binary, *options], stdout=subprocess.DEVNULL)
    try:
        wait_until(path.exists, what="the socket")
        yield process, path
    finally:
        process.kill()
        process.wait(10)


def cache_at(path: Path) -> SharedCache:
    return SharedCache(f"unix://{path}", {"OPTIONS": {"socket_timeout": 0.2, "socket_connect_timeout": 0.2}})


def count(cache: SharedCache) -> int:
    return count_one_more("calls", seconds=60, now=3_000, cache=cache)


def test_counts_are_shared_while_redis_answers(server):
    _process, path = server

    assert [count(cache_at(path)), count(cache_at(path))] == [1, 2]
    assert not cache_at(path).is_silent


def test_a_dead_redis_refuses_nobody_and_the_process_counts_by_itself(server):
    process, path = server
    cache = cache_at(path)
    count(cache)
    process.kill()
    process.wait(10)

    assert [count(cache), count(cache), count(cache_at(path))] == [1, 2, 3]
    assert cache.is_silent


def test_a_full_redis_refuses_nobody(server):
    _process, path = server
    redis.Redis(unix_socket_path=str(path)).config_set("maxmemory", "1")
    cache = cache_at(path)

    assert [count(cache), count(cache)] == [1, 2]


def test_a_frozen_redis_is_waited_for_once_and_then_left_alone(server, monkeypatch):
    process, path = server
    cache, begin = cache_at(path), shared_cache._SILENCE.begin
    began = []
    monkeypatch.setattr(shared_cache._SILENCE, "begin", lambda: began.append(1) or begin())
    os.kill(process.pid, signal.SIGSTOP)
    try:
        counted = [count(cache) for _ in range(5)]
    finally:
        os.kill(process.pid, signal.SIGCONT)

    assert counted == [1, 2, 3, 4, 5]
    assert began == [1]


def test_when_redis_is_back_counts_are_shared_again(server, monkeypatch):
    process, path = server
    monkeypatch.setattr(outages, "SILENCE_SECONDS", 0.0)
    cache = cache_at(path)
    os.kill(process.pid, signal.SIGSTOP)
    try:
        count(cache)
        assert cache.is_silent
    finally:
        os.kill(process.pid, signal.SIGCONT)
    wait_until(lambda: redis.Redis(unix_socket_path=str(path)).ping(), what="Redis being back")

    count(cache)

    assert not cache.is_silent
    assert cache_at(path).get("calls:50") is not None


def test_every_way_to_redis_is_covered(tmp_path):
    """What a later Django adds would otherwise raise when Redis is away."""
    cache = cache_at(tmp_path / "nobody.sock")
    reaching = {
        name
        for name, method in vars(RedisCache).items()
        if callable(method) and "_cache" in method.__code__.co_names and not name.startswith("_")
    }

    assert reaching == {name for name in vars(SharedCache) if name in vars(RedisCache) and not name.startswith("_")}
    for name in ("a", "b"):
        cache.set(name, 1)
    assert cache.get_many(["a", "b"]) == {"a": 1, "b": 1}
    cache.clear()
    assert cache.get("a") is None
