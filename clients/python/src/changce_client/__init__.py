"""A client for the partner API of Changce 昌策: retries, idempotency, pages, and webhooks that are verified.

from changce_client import Client

with_key = Client("https://changce.example", key="cck_…")
company = with_key.send_company("绿洲生物", reference="A-17", facts={"employees": 40})
report = with_key.report_on(company["id"])
"""

from changce_client.client import Client
from changce_client.errors import ApiProblem, MatchFailed, NotReached
from changce_client.webhooks import NotGenuine, read_event

__all__ = ["ApiProblem", "Client", "MatchFailed", "NotGenuine", "NotReached", "read_event"]
