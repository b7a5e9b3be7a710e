"""Web and workers are started anew one by one while people and partners go on: nobody notices, and nothing is lost."""

import json
import tempfile
import threading
from pathlib import Path

import pytest

from matching.bench.load.rolling import restart_web, restart_worker
from matching.bench.load.visitors import Told, Visitor
from matching.bench.served import served, wait_until

pytestmark = [pytest.mark.slow, pytest.mark.stack, pytest.mark.own_database]

FILL = "from matching.bench.load.filling import fill; fill(2)"
OUTCOME = "import json, sys; from matching.bench.load.filling import outcome; outcome(json.loads(sys.argv[1]), {})"


def test_a_restart_of_web_and_worker_under_load_fails_no_request_and_loses_no_match():
    with (
        tempfile.TemporaryDirectory(prefix="changce-r-") as folder,
        served(Path(folder), SWEEP_SECONDS="0.5") as service,
    ):
        known = service.told(FILL)
        service.start_broker()
        service.start_web(workers=2)
        for name in ("worker-1", "worker-2"):
            service.start_worker(name)
        service.start_beat()
        wait_until(service.is_ready, seconds=180, what="the service being ready")
        told, stop = Told(), threading.Event()
        visitors = [
            Visitor(at, one, known["policies"], service.port, told, stop, pause=0.1)
            for at, one in enumerate(known["clients"])
        ]
        for visitor in visitors:
            visitor.start()

        before = told.count
        restart_web(service)
        stopped = [restart_worker(service, name) for name in ("worker-1", "worker-2")]
        stop.set()
        for visitor in visitors:
            visitor.join(60)

        assert told.failures == {}
        assert told.count > before
        assert max(stopped) < 30
        accepted = sorted(set(told.accepted))
        assert accepted
        asked = json.dumps(accepted)
        wait_until(lambda: service.told(OUTCOME, asked)["waiting"] == 0, seconds=300, what="all that was accepted")
        found = service.told(OUTCOME, asked)
        assert (found["states"], found["reports"]) == ({"done": len(accepted)}, len(accepted))
