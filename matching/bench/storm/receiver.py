"""A partner's receiver of webhooks that answers badly now and then, and writes down what came."""

import contextlib
import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from random import Random

import standardwebhooks

BAD = 0.3
"""Of so many events the first delivery is answered badly."""
_WAYS = ("error", "redirect", "too many", "hang up")


@dataclass
class Receiver:
    """What arrived: how often each event id, which ids tell of which match, and what must not be."""

    url: str = ""
    secret: str = ""
    came: Counter[str] = field(default_factory=Counter)
    ids_of_match: dict[str, set[str]] = field(default_factory=dict)
    bad_signatures: int = 0
    redirects_followed: int = 0
    badly_answered: int = 0


@contextlib.contextmanager
def a_receiver(seed: int) -> Iterator[Receiver]:
    """A web server on this machine; ends with the block."""
    receiver, dice, lock = Receiver(), Random(seed), threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            with lock:
                way = _noted(receiver, dice, self.path, dict(self.headers.items()), body)
            if way == "hang up":
                self.close_connection = True
                self.connection.close()
                return
            self.send_response({"error": 500, "redirect": 302, "too many": 429}.get(way, 204))
            if way == "redirect":
                self.send_header("Location", "/elsewhere")
            if way == "too many":
                self.send_header("Retry-After", "1")
            self.send_header("Content-Length", "0")
            self.end_headers()

        do_GET = do_POST

        def log_message(self, *_: object) -> None:
            """Nothing."""

        def handle(self) -> None:
            # A sender that was killed hangs up.
            with contextlib.suppress(OSError, ValueError):
                super().handle()

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: object) -> None:
            """Nothing: what came of it is counted."""

    server = Server(("127.0.0.1", 0), Handler)
    receiver.url = f"http://127.0.0.1:{server.server_port}/hook"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)


def _noted(receiver: Receiver, dice: Random, path: str, headers: dict[str, str], body: bytes) -> str:
    if path != "/hook":
        receiver.redirects_followed += 1
        return ""
    try:
        event = standardwebhooks.Webhook(receiver.secret).verify(body, {k.lower(): v for k, v in headers.items()})
    except standardwebhooks.WebhookVerificationError:
        receiver.bad_signatures += 1
        return "error"
    name = {key.lower(): value for key, value in headers.items()}["webhook-id"]
    receiver.came[name] += 1
    if receiver.came[name] == 1 and dice.random() < BAD:
        receiver.badly_answered += 1
        way = dice.choice(_WAYS)
        if way != "hang up":
            return way
        # Taken, and the answer lost: the next one is a repetition that a receiver knows by its id.
        _take(receiver, name, event)
        return way
    _take(receiver, name, event)
    return ""


def _take(receiver: Receiver, name: str, event: object) -> None:
    if isinstance(event, dict) and event.get("type") == "match.done":
        receiver.ids_of_match.setdefault(event["data"]["match"], set()).add(name)
