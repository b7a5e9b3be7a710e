"""Files that somebody sent, one YAML file or a zip, read into sheets. Nothing in them is trusted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from companies.facts import Text
from policies.catalogue_files.archives import MAX_UPLOAD, is_archive, read_archive, shown_name
from policies.catalogue_files.folder import misplaced
from policies.catalogue_files.reader import FileFault, Sheet, read_sheet

MAX_VALUES_SENT = 100_000
"""Values in all files that are sent together: some seven times what the catalogue has."""


@dataclass(frozen=True, slots=True)
class Upload:
    """What was sent: policies by key, other catalogue files by path, what was passed over and why, and faults."""

    policies: Mapping[str, Sheet]
    others: Mapping[str, Sheet]
    passed_over: tuple[tuple[str, Text], ...]
    faults: tuple[FileFault, ...]


def read_upload(name: str, content: bytes) -> Upload:
    """Read what was sent under this name; whatever is wrong becomes faults, never an exception."""
    name = shown_name(name) or "?"
    if len(content) > MAX_UPLOAD:
        return _nothing(name, "upload-too-big", too_long())
    if not content.strip():
        return _nothing(name, "empty", Text("the file is empty", "文件为空"))
    if not is_archive(content):
        return _sorted([("", read_sheet(name, content))], ())
    archive = read_archive(name, content)
    if archive.faults:
        return Upload({}, {}, tuple(archive.passed_over), tuple(archive.faults))
    if not archive.files:
        said = Text("there is no YAML file in the archive", "压缩包中没有 YAML 文件")
        return _nothing(name, "no-catalogue", said, tuple(archive.passed_over))
    sheets, values = [], 0
    for path, raw in sorted(archive.files.items()):
        sheet = read_sheet(shown_name(path), raw)
        values += len(sheet.values)
        if values > MAX_VALUES_SENT:
            said = Text(
                f"the files together hold more than {MAX_VALUES_SENT:,} values; send them in parts",
                f"全部文件中的值合计超过 {MAX_VALUES_SENT:,} 个，请分几次上传",
            )
            return _nothing(name, "too-much", said)
        sheets.append((path, sheet))
    return _sorted(sheets, tuple(archive.passed_over))


def too_long() -> Text:
    """Said of an upload beyond the limit."""
    return Text(f"at most {MAX_UPLOAD:,} bytes can be sent", f"最多可上传 {MAX_UPLOAD:,} 字节")


def _nothing(name: str, code: str, said: Text, passed_over: tuple[tuple[str, Text], ...] = ()) -> Upload:
    return Upload({}, {}, passed_over, (FileFault(name, 1, 1, code, said),))


def _sorted(sheets: list[tuple[str, Sheet]], passed_over: tuple[tuple[str, Text], ...]) -> Upload:
    policies: dict[str, Sheet] = {}
    others: dict[str, Sheet] = {}
    found: list[FileFault] = []
    for path, sheet in sheets:
        kind, _, stem = path.removesuffix(".yaml").removesuffix(".yml").rpartition("/")
        if kind in ("reference", "vocabulary"):
            found.extend(sheet.faults or misplaced(path, sheet))
            others[path] = sheet
            continue
        wrong = list(sheet.faults) or list(_no_policy(sheet, stem if kind == "policies" else None))
        key = sheet.plain["policy"] if not wrong else ""
        if not wrong and key in policies:
            said = Text(f"the policy “{key}” is there twice; keep one", f"政策“{key}”出现两次，请只保留一个")
            wrong = [sheet.fault(("policy",), "twice", said)]
        if not wrong:
            policies[key] = sheet
        found.extend(wrong)
    return Upload(policies, others, passed_over, tuple(found))


def _no_policy(sheet: Sheet, stem: str | None) -> Iterator[FileFault]:
    """Why a sheet is not a policy; in the folder of policies its name is the policy's key."""
    plain: Any = sheet.plain
    key = plain.get("policy") if isinstance(plain, dict) else None
    if not isinstance(key, str):
        said = Text(
            "this is not a policy: a policy file begins with “policy:” and the key of the policy",
            "这不是政策文件：政策文件以“policy:”和政策标识开头",
        )
        yield sheet.fault((), "not-a-policy", said, "policy: cp-example-2026")
    elif stem is not None and key != stem:
        said = Text(
            f"the file is called “{shown_name(stem)}”, the policy in it “{shown_name(key)}”; call both the same",
            f"文件名是“{shown_name(stem)}”，其中的政策标识是“{shown_name(key)}”，两者应一致",
        )
        yield sheet.fault(("policy",), "file-name", said, shown_name(stem))
