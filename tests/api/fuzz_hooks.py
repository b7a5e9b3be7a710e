"""What Schemathesis is told beside its settings; it loads this file by its name, without the rest of the tests."""

import os
import uuid
from contextlib import suppress

import schemathesis


@schemathesis.hook
def before_call(context, case, kwargs):
    """Puts what exists in the place of what would be there by accident only, and a new key in the place of each old one."""
    parameters = case.path_parameters or {}
    # The answers of no operation hold the ids of these two, so no link can take them there.
    if "report" in parameters:
        with suppress(ValueError, TypeError, AttributeError):
            uuid.UUID(parameters["report"])
            parameters["report"] = os.environ["FUZZ_REPORT"]
    if "offer" in parameters:
        parameters["policy"], parameters["offer"] = os.environ["FUZZ_OFFER"].split("/")
    # In chains of operations: with the key of an earlier chain the first answer would come again, as it must
    # (test_idempotency.py), and name what that chain has removed since.
    if "Idempotency-Key" in (case.headers or {}) and case.meta is not None and case.meta.phase.name.value == "stateful":
        case.headers["Idempotency-Key"] = uuid.uuid4().hex
