"""Companies sent before, by their ids: written down as a file of ids, which the taking in reads."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any
from uuid import UUID

import pyarrow as pa
import pyarrow.compute as pc
from rest_framework.request import Request

from companies.api.bodies import Body
from companies.api.problems import FieldFault, Problem, pointer_to
from companies.facts import Text
from companies.models import Company, Partner
from matching.batches.files import InputFile
from matching.batches.portions import Opened, Reading
from matching.batches.rows import Place
from matching.models import Batch, Format

ALL = "all"
MOST_IDS = 20_000
_AT_ONCE = 1_000
_MOST_FAULTS = 50


def write_ids(request: Request, path: Path) -> Opened:
    """The ids that the body names, or of all companies that the partner may see, a line each; raises Problem (invalid)."""
    body = Body(request, ("companies",))
    named, partner = body.sent.get("companies"), request.user.partner
    if named == ALL:
        ids: Iterable[str] = _all(partner)
    elif isinstance(named, list) and 0 < len(named) <= MOST_IDS:
        ids = _checked(named, partner)
    else:
        said = Text(
            f"Send the ids of at most {MOST_IDS:,} companies as a list, or “{ALL}”.",
            f"请以列表发送最多 {MOST_IDS:,} 家企业的编号，或发送“{ALL}”。",
        )
        body.refuse("companies", "wrong_shape", said)
        ids = []
    body.check()
    digest, size = hashlib.sha256(), 0
    with path.open("wb") as written:
        for one in ids:
            line = f"{one}\n".encode()
            digest.update(line)
            size += len(line)
            written.write(line)
    if not size:
        raise _refused([FieldFault("/companies", "no_companies", Text("You have no companies yet.", "贵方尚无企业。"))])
    return Opened(
        InputFile(path, "companies", size, digest.hexdigest()), Reading("companies", "utf-8", sound=True), Place(0, 1)
    )


def _all(partner: Partner) -> Iterator[str]:
    rows = Company.objects.visible_to_partner(partner).order_by("pk").values_list("public_id", flat=True)
    return map(str, rows.iterator(chunk_size=10_000))


def _checked(named: list[object], partner: Partner) -> list[str]:
    """The ids, if all of them are of companies that the partner may see, each once."""
    ids = [_as_id(one) for one in named]
    seen: set[str] = set()
    wrong: dict[int, tuple[str, Text]] = {}
    asked = iter(dict.fromkeys(one for one in ids if one is not None))
    while block := list(islice(asked, _AT_ONCE)):
        visible = Company.objects.visible_to_partner(partner).filter(public_id__in=block)
        seen.update(map(str, visible.values_list("public_id", flat=True)))
    said: set[str] = set()
    for at, one in enumerate(ids):
        if one is None or one not in seen:
            wrong[at] = ("unknown_company", Text("You have no such company.", "贵方没有这家企业。"))
        elif one in said:
            wrong[at] = ("said_twice", Text("This company is named twice.", "此企业出现两次。"))
        said.add(one or "")
    if wrong:
        faults = [FieldFault(pointer_to("companies", at), *why) for at, why in islice(wrong.items(), _MOST_FAULTS)]
        raise _refused(faults)
    return [one for one in ids if one is not None]


def _as_id(given: object) -> str | None:
    try:
        return str(UUID(given)) if isinstance(given, str) else None
    except ValueError:
        return None


def _refused(faults: list[FieldFault]) -> Problem:
    return Problem("invalid", errors=faults)


def still_seen(batch: Batch, table: Any) -> Any:
    """Of results about companies sent before, the rows of those that the partner may see as of now.

    A company that withdrew its consent, or is gone, is gone from results that were made before.
    """
    if batch.format != Format.COMPANIES or not table.num_rows:
        return table
    ids = pc.unique(table["id"]).to_pylist()
    visible = Company.objects.visible_to_partner(batch.partner)
    seen: list[str] = []
    for start in range(0, len(ids), _AT_ONCE):
        found = visible.filter(public_id__in=ids[start : start + _AT_ONCE]).values_list("public_id", flat=True)
        seen += map(str, found)
    return table if len(seen) == len(ids) else table.filter(pc.is_in(table["id"], pa.array(seen, pa.string())))
