"""One change: where, what was there before, what is there now, and the sentence that says it."""

from dataclasses import dataclass
from typing import Literal

from companies.facts import Text

NOTHING = Text("nothing", "无")


@dataclass(frozen=True, slots=True)
class Change:
    """Something added, removed or changed; `what` names it where before and after alone would not be understood."""

    kind: Literal["added", "removed", "changed"]
    place: Text
    before: Text | None
    after: Text | None
    what: Text | None = None

    @property
    def said(self) -> Text:
        """ "Team reward, Art. 5: Employees: at least 20 people became at least 30 people"."""
        before, after = self.before or NOTHING, self.after or NOTHING
        match self.kind:
            case "added":
                said = Text(f"new: {after.en}", f"新增：{after.zh}")
            case "removed":
                said = Text(f"no longer: {before.en}", f"不再有：{before.zh}")
            case _:
                said = Text(f"{before.en} became {after.en}", f"“{before.zh}”改为“{after.zh}”")
        for lead in (self.what, self.place):
            if lead is not None:
                said = Text(f"{lead.en}: {said.en}", f"{lead.zh}：{said.zh}")
        return said


def change(place: Text, before: Text | None, after: Text | None, what: Text | None = None) -> list[Change]:
    """The change from one to the other, if there is one."""
    if before == after:
        return []
    kind: Literal["added", "removed", "changed"] = (
        "added" if before is None else "removed" if after is None else "changed"
    )
    return [Change(kind, place, before, after, what)]


def within(place: Text, part: Text | None) -> Text:
    """A place inside another one."""
    return place if part is None else Text(f"{place.en}, {part.en}", f"{place.zh}，{part.zh}")
