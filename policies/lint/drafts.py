"""One policy, checked as it would be inside the catalogue that is in force: what must be right before it is published."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import Any

from companies.facts import Text, Vocabulary
from policies.catalogue_files import (
    CatalogueFolder,
    FileFault,
    Sheet,
    canonical_file,
    read_sheet,
    snapshot_folder,
    write_yaml,
)
from policies.lint.cases import check_cases
from policies.lint.policies import check_policies
from policies.lint.reading import Path, Reading, requirement_nodes, trees
from policies.lint.references import check_references
from policies.lint.rules import check_rules
from policies.lint.words import check_words
from policies.rules import PolicyText, read_policy
from policies.rules.faults import Fault

_LEAVES = ("when", "judged", "not_modelled")


def lint_draft(
    snapshot: Mapping[str, Any], content: Mapping[str, Any], day: date, vocabulary: Vocabulary | None = None
) -> list[Fault]:
    """Everything that keeps this content from being published, in the order of its parts; paths lead into `content`.

    `snapshot` is the catalogue in force; the policy with the same key gives way to the content. What the content
    would break elsewhere is a fault too, with an empty path; what was broken there already is not. `vocabulary` is
    that of the snapshot, where the caller has read it already.
    """
    key = str(content.get("policy"))
    others = [policy for policy in snapshot["policies"] if policy["policy"] != key]
    file = f"policies/{key}.yaml"
    sheet = read_sheet(file, write_yaml(canonical_file(file, content)).encode())
    reading = Reading(_folder(snapshot, others, sheet), day, only=file, vocabulary=vocabulary)
    if sheet.faults:
        return [Fault(fault.path, fault.message, fault.code, fault.suggestion) for fault in sheet.faults]
    # The other checks rely on the shape that the reader has seen to.
    policy, unread = read_policy(sheet.plain, reading.vocabulary, reading.lists)
    if policy is None:
        return unread
    for check in (check_references, check_policies, check_words, check_rules, check_cases):
        check(reading)
    faults = [fault for fault in reading.faults if fault.severity == "fault"]
    own = [fault for fault in faults if fault.file == file]
    elsewhere = [fault for fault in faults if fault.file != file]
    if elsewhere:
        known = _known_elsewhere(
            Reading(_folder(snapshot, snapshot["policies"], None), day, only=file, vocabulary=reading.vocabulary)
        )
        elsewhere = [fault for fault in elsewhere if (fault.file, fault.code, fault.message) not in known]
    own.sort(key=lambda fault: (fault.line, fault.column))
    found = [Fault(fault.path, fault.message, fault.code, fault.suggestion) for fault in own]
    found.extend(_sourceless(sheet.plain))
    found.extend(_abroad(fault) for fault in elsewhere)
    return list(dict.fromkeys(found))


def _known_elsewhere(before: Reading) -> set[tuple[str, str, Text]]:
    """What was wrong in other files before this content."""
    check_references(before)
    check_policies(before)
    return {(fault.file, fault.code, fault.message) for fault in before.faults}


def _folder(snapshot: Mapping[str, Any], policies: list[Any], draft: Sheet | None) -> CatalogueFolder:
    folder = snapshot_folder({**snapshot, "policies": policies})
    return folder if draft is None else CatalogueFolder(folder.root, {**folder.sheets, draft.file: draft})


def _sourceless(content: Mapping[str, Any]) -> Iterator[Fault]:
    """Every criterion needs a source, its own or the policy's."""
    if content.get("sources"):
        return
    for path, tree in trees(content):
        for at, node in requirement_nodes(tree, path):
            if any(form in node for form in _LEAVES) and not node.get("source"):
                yield _no_source(at)


def _no_source(path: Path) -> Fault:
    said = Text(
        "no source: give the policy's web address, or this criterion's own", "没有来源：请填写政策网址，或本条件的来源"
    )
    return Fault(path, said, "missing-source", "https://...")


def _abroad(fault: FileFault) -> Fault:
    en = f"would break {fault.file}: {fault.message.en}"
    return Fault((), Text(en, f"会使 {fault.file} 出错：{fault.message.zh}"), fault.code, fault.suggestion)


def new_faults_in_force(
    snapshot: Mapping[str, Any],
    before: Vocabulary,
    changed: Mapping[str, Any],
    after: Vocabulary,
    day: date,
    is_concerned: Callable[[Mapping[str, Any], PolicyText], bool],
) -> list[Fault]:
    """What the policies in force would no longer be right about once vocabulary or lists are changed like this.

    Only those that are concerned are looked at; what was wrong before is not told.
    """
    found: list[Fault] = []
    for plain in snapshot["policies"]:
        policy, _faults = read_policy(plain, before, snapshot["lists"])
        if policy is None or not is_concerned(plain, policy):
            continue
        known = {(fault.path, fault.code) for fault in lint_draft(snapshot, plain, day, before)}
        found += [
            _in_policy(str(plain["policy"]), fault)
            for fault in lint_draft(changed, plain, day, after)
            if (fault.path, fault.code) not in known
        ]
    return found


def _in_policy(key: str, fault: Fault) -> Fault:
    at = "/".join(map(str, fault.path))
    said = Text(
        f"the policy in force {key} would not be right any more, at {at}: {fault.message.en}",
        f"现行政策 {key} 在 {at} 处将不再正确：{fault.message.zh}",
    )
    return Fault((), said, "breaks-policy")
