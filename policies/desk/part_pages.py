"""The page of one part of a draft: what every editor of the desk shares, so that all of them behave alike.

An editor is a function of its page. It reads what was typed, saves, and renders a template that extends
`desk/write/part.html`:

    @editor("write_window")
    def write_window(page):
        form = WindowForm(page.sent, part=page.part)
        if page.is_sent and form.is_valid() and (answer := page.save(form.part())):
            return answer
        return page.render("desk/write/window.html", {"form": form})

`save` returns the way on, or None where nothing was saved: the page then says why, and shows what the person typed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property, wraps
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from companies import signed_out
from companies.facts import Text, Vocabulary
from companies.models import FactRecord
from policies import actions
from policies.contents import check_content
from policies.desk.access import with_right
from policies.desk.forms import Reason
from policies.desk.places import Place, PlaceGroup, faults_within, group_places, neighbours, place_of, places_of
from policies.desk.reading import version_or_404
from policies.models import HistoryLine, PolicyVersion, State
from policies.parts import PartGone, part_at, part_digest, with_part
from policies.roles import Right
from policies.rules.differences import Change, differences
from policies.rules.faults import Fault
from policies.snapshots import compose_snapshot

LIVE = "said"
"""The id of the place where a page says what the part means while one types."""
_UNSAVED = object()
_THROWN_AWAY = Text(
    "Somebody threw this draft away. Copy what you need from here.", "该草稿已被他人删除。请从此页复制需要的内容。"
)
GONE = Text(
    "Somebody took this offer out of the draft. Copy what you need from here.",
    "该支持事项已被他人从草稿中删除。请从此页复制需要的内容。",
)


@dataclass(frozen=True, slots=True)
class Conflict:
    """Somebody else saved this part meanwhile: who, when and why (`line`), and how theirs differs from mine."""

    line: HistoryLine | None
    changes: list[Change]


@dataclass
class PartPage:
    """One part of a draft, as one person has it before their eyes."""

    request: HttpRequest
    version: PolicyVersion
    places: list[Place]
    place: Place
    sent: QueryDict | None
    """What the person sent, now or while signed out; None where they only look."""
    seen: str
    reason: Reason
    conflict: Conflict | None = None
    refused: Text | None = None
    """Why nothing can be saved here any more."""
    mine: Any = _UNSAVED

    @property
    def part(self) -> Any:
        """What is stored of this part; None where nothing is written yet."""
        try:
            return part_at(self.version.content, self.place.path)
        except PartGone:
            return None

    @property
    def is_sent(self) -> bool:
        """Whether the person sent something."""
        return self.sent is not None

    @property
    def was_signed_out(self) -> bool:
        """Whether it was sent while signed out: it is shown as it was typed, and saved by nobody but the person."""
        return self.is_sent and self.request.method != "POST"

    @property
    def is_live(self) -> bool:
        """Whether only what the part says is asked for, while the person goes on typing."""
        return self.request.headers.get("HX-Target") == LIVE

    @property
    def act(self) -> str:
        """The button that was pressed: "save", "on" (save and go on), "check" (say what it means), or one of the editor's."""
        return "check" if self.was_signed_out else self.request.POST.get("act", "save")

    @property
    def wants_saving(self) -> bool:
        """Whether the button was one that saves."""
        return self.is_sent and self.act in ("save", "on")

    @cached_property
    def snapshot(self) -> Mapping[str, Any]:
        """What is in force: lists, vocabulary, policies."""
        return compose_snapshot(self.vocabulary)

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """The facts there are: those of the snapshot, read once for as long as their rows say the same."""
        return FactRecord.objects.vocabulary()

    @property
    def lists(self) -> Mapping[str, Any]:
        """The reference lists."""
        lists: Mapping[str, Any] = self.snapshot["lists"]
        return lists

    @property
    def content(self) -> Mapping[str, Any]:
        """The draft with this part as it is on the page, saved or not."""
        if self.mine is _UNSAVED:
            return self.version.content
        try:
            return dict(with_part(self.version.content, self.place.path, self.mine))
        except PartGone:
            return self.version.content

    @cached_property
    def all_faults(self) -> list[Fault]:
        """What keeps the draft from being stored or published, with this part as it is on the page."""
        try:
            check_content(self.content, key=self.version.policy.key)
        except actions.UnfitContent as unfit:
            return list(unfit.faults)
        shown = PolicyVersion(
            pk=self.version.pk, policy=self.version.policy, based_on_id=self.version.based_on_id, content=self.content
        )
        return actions.faults_of(shown, timezone.localdate(), self.snapshot, self.vocabulary)

    @cached_property
    def faults(self) -> list[Fault]:
        """The faults of this part; their paths begin at the part."""
        return faults_within(self.place, self.content, self.all_faults)

    def show(self, part: Any) -> None:
        """Show this part, typed and not saved, with its own faults."""
        self.mine = part
        for name in ("all_faults", "faults", "groups"):
            self.__dict__.pop(name, None)

    def save(self, part: Any) -> HttpResponse | None:
        """Save the part and give the way on; None where nothing was saved: the page then says why, with what was typed."""
        self.show(part)
        if not self.wants_saving or self.refused is not None or not self.reason.is_valid():
            return None
        user: Any = self.request.user
        why = self.reason.cleaned_data["why"]
        try:
            saved = actions.save_part(
                version=self.version, path=self.place.path, part=part, by=user, seen=self.seen, why=why
            )
        except actions.PartChanged as changed:
            self._meet(changed)
        except actions.PartGone:
            self.refused = GONE
        except actions.NotNow as fault:
            self.refused = fault.message
        except PolicyVersion.DoesNotExist:
            self.refused = _THROWN_AWAY
        except actions.UnfitContent:
            return None  # its faults are on the page
        else:
            return self._go_on(saved)
        return None

    def render(self, template: str, context: Mapping[str, Any]) -> HttpResponse:
        """The page: 409 where somebody else was first, 400 where what was sent could not be saved."""
        status = 200
        if self.wants_saving:
            status = 409 if self.conflict or self.refused else 400
        shown = {"page": self, "version": self.version, "policy": self.version.policy, "place": self.place, **context}
        return render(self.request, template, shown, status=status)

    @cached_property
    def groups(self) -> list[PlaceGroup]:
        """All pages of the draft, with the number of faults of each, in the groups that the navigation shows."""
        return group_places(self.places, self.content, self.all_faults)

    @property
    def before(self) -> Place | None:
        """The part before this one."""
        return neighbours(self.places, self.place)[0]

    @property
    def after(self) -> Place | None:
        """The part after this one."""
        return neighbours(self.places, self.place)[1]

    @property
    def outline_url(self) -> str:
        """The address of the outline."""
        return reverse("desk:write", args=[self.version.policy.key, self.version.number])

    def _meet(self, changed: actions.PartChanged) -> None:
        self.version = changed.version
        self.seen = part_digest(changed.theirs)
        theirs, mine = changed.version.content, with_part(changed.version.content, self.place.path, changed.mine)
        self.conflict = Conflict(changed.line, differences(mine, theirs, self.vocabulary, self.lists))
        self.show(changed.mine)

    def _go_on(self, saved: PolicyVersion) -> HttpResponse:
        signed_out.forget(self.request)
        said = _("Saved.")
        if saved.digest == self.version.digest:
            said = _("Nothing was changed.")
        messages.success(self.request, said)
        if self.act == "on":
            after = self.after
            return redirect(after.url if after else self.outline_url)
        return redirect(self.place.url)


def editor(name: str) -> Callable[[Callable[[PartPage], HttpResponse]], Callable[..., HttpResponse]]:
    """Make a view of an editor: only for people who write, only for a draft. `name` is that of its address."""

    def decorate(view: Callable[[PartPage], HttpResponse]) -> Callable[..., HttpResponse]:
        @writer
        @wraps(view)
        def opened(request: HttpRequest, key: str, number: int, offer: str | None = None) -> HttpResponse:
            version = version_or_404(key, number)
            if version.state != State.DRAFT and request.method != "POST":
                return not_a_draft(request, version)
            return view(_open(request, version, name, offer))

        return opened

    return decorate


def writer(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A page for the people who write drafts; for everybody else there is no such page."""
    return with_right(Right.WRITE)(require_http_methods(["GET", "HEAD", "POST"])(view))


def not_a_draft(request: HttpRequest, version: PolicyVersion) -> HttpResponse:
    """The way to the page of a version that nobody writes at any more."""
    messages.info(request, _("This version is not a draft any more, so nobody writes at it."))
    return redirect("desk:version", version.policy.key, version.number)


def _open(request: HttpRequest, version: PolicyVersion, name: str, offer: str | None) -> PartPage:
    places = places_of(version)
    place = next((one for one in places if (one.name, one.offer) == (name, offer)), None)
    if place is None and request.method != "POST":
        raise Http404
    sent = request.POST if request.method == "POST" else signed_out.kept(request)
    page = PartPage(
        request, version, places, place or place_of(version, name, offer), sent, "", Reason(sent, name="part")
    )
    # What the person had before their eyes, not what stands there now.
    page.seen = part_digest(page.part) if sent is None else str(sent.get("seen", ""))
    if place is None:
        page.refused = GONE
    return page
