"""Who asks: people, companies and their members, the vocabulary as rows, and profile versions."""

import uuid
from typing import Any, ClassVar, NoReturn, Self

import structlog
from django.conf import settings
from django.contrib.auth.base_user import BaseUserManager
from django.contrib.auth.models import AbstractUser
from django.core.exceptions import ValidationError
from django.db import models
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from stdnum.cn import uscc as uscc_number
from stdnum.exceptions import ValidationError as NumberFault

from companies.facts import Kind, Profile, Vocabulary, read_profile, read_vocabulary

log = structlog.get_logger(__name__)


class UserAccounts(BaseUserManager["User"]):
    """Makes accounts that sign in by e-mail."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """An account with this address; without a password it cannot sign in until one is set."""
        if not email:
            raise ValueError("an account needs an e-mail address")
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """An account that may do everything in the administration."""
        return self.create_user(email, password, **{**fields, "is_staff": True, "is_superuser": True})


class User(AbstractUser):
    """A person, known by an e-mail address."""

    username = None  # type: ignore[assignment]
    email = models.EmailField(_("e-mail address"), unique=True)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    objects: ClassVar[UserAccounts] = UserAccounts()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")

    def __str__(self) -> str:
        return f"person {self.pk}"


def check_uscc(value: str) -> None:
    """Refuse a unified social credit code whose check character is wrong (GB 32100-2015)."""
    try:
        uscc_number.validate(value)
    except NumberFault as fault:
        raise ValidationError(
            _(
                "This is not a valid unified social credit code. It has 18 characters, never I, O, S, V or Z, and "
                "the last one checks the others. Please compare it with the business licence."
            ),
            code="uscc",
        ) from fault


class Role(models.TextChoices):
    """What a member may do with a company's record."""

    OWNER = "owner", _("owner")
    EDITOR = "editor", _("editor")
    READER = "reader", _("reader")


class CompanyQuerySet(models.QuerySet["Company"]):
    """Questions about companies; every door starts with one of these."""

    def visible_to(self, user: Any) -> Self:
        """Only the companies this person is a member of; nothing for somebody not signed in."""
        if not getattr(user, "is_authenticated", False):
            return self.none()
        return self.filter(pk__in=Membership.objects.filter(user=user).values("company"))

    def editable_by(self, user: Any) -> Self:
        """Only the companies whose record this person may change."""
        if not getattr(user, "is_authenticated", False):
            return self.none()
        may_edit = Membership.objects.filter(user=user, role__in=[Role.OWNER, Role.EDITOR])
        return self.filter(pk__in=may_edit.values("company"))

    def with_role_of(self, user: Any) -> Self:
        """Each company with `role`: what this person may do with it."""
        own = Membership.objects.filter(user=user, company=models.OuterRef("pk"))
        return self.annotate(role=models.Subquery(own.values("role")[:1]))


class Company(models.Model):
    """A firm, or a firm that somebody plans to found."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(_("name"), max_length=200)
    other_name = models.CharField(_("name in the other language"), max_length=200, blank=True)
    founded = models.BooleanField(_("already founded"), default=True)
    # NULL, not "", for no code: two companies without a code are not the same company.
    uscc = models.CharField(  # noqa: DJ001
        _("unified social credit code"), max_length=18, null=True, blank=True, validators=[check_uscc]
    )
    members = models.ManyToManyField(settings.AUTH_USER_MODEL, through="Membership", related_name="companies")
    created_at = models.DateTimeField(auto_now_add=True)

    objects = CompanyQuerySet.as_manager()

    role: str | None
    """What the person asking may do; there only after `with_role_of`."""

    class Meta:
        ordering = ["name", "pk"]
        verbose_name = _("company")
        verbose_name_plural = _("companies")
        constraints = [
            models.CheckConstraint(condition=~models.Q(name=""), name="company_has_a_name"),
            models.CheckConstraint(
                condition=models.Q(uscc__isnull=True) | ~models.Q(uscc=""), name="company_uscc_null_or_filled"
            ),
            models.CheckConstraint(
                condition=models.Q(founded=True) | models.Q(uscc__isnull=True),
                name="company_uscc_only_when_founded",
            ),
        ]

    def __str__(self) -> str:
        # Names of companies stay out of logs and error mails.
        return f"company {self.public_id}"

    def get_absolute_url(self) -> str:
        """The company's overview page."""
        return reverse("companies:detail", args=[self.public_id])

    @property
    def latest_version(self) -> "ProfileVersion | None":
        """The newest profile version, if there is one."""
        return self.profile_versions.order_by("-number").first()


class Membership(models.Model):
    """A person's part in a company's record."""

    company = models.ForeignKey(Company, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(_("role"), max_length=10, choices=Role, default=Role.EDITOR)
    since = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["company", "since"]
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        constraints = [
            models.UniqueConstraint(fields=["company", "user"], name="membership_once"),
            models.CheckConstraint(condition=models.Q(role__in=Role.values), name="membership_role_known"),
        ]

    def __str__(self) -> str:
        return f"membership {self.pk}"


class SectionRecord(models.Model):
    """A section of the vocabulary, as a row: one page of the profile form."""

    key = models.CharField(max_length=60, unique=True)
    stem = models.CharField(max_length=80, unique=True)
    position = models.PositiveIntegerField(default=0)
    title_en = models.CharField(_("title (English)"), max_length=200)
    title_zh = models.CharField(_("title (中文)"), max_length=200)
    help_en = models.TextField(_("help (English)"), blank=True)
    help_zh = models.TextField(_("help (中文)"), blank=True)

    class Meta:
        ordering = ["position", "stem"]
        verbose_name = _("section of the vocabulary")
        verbose_name_plural = _("sections of the vocabulary")

    def __str__(self) -> str:
        return self.key

    def to_plain(self) -> dict[str, Any]:
        """The section as it stands in a catalogue file."""
        plain: dict[str, Any] = {"key": self.key, "title": {"en": self.title_en, "zh": self.title_zh}}
        if self.help_en or self.help_zh:
            plain["help"] = {"en": self.help_en, "zh": self.help_zh}
        return plain


_read: tuple[str, tuple[Vocabulary, list[Any]]] | None = None


def _read_once(plain: dict[str, Any], lists: dict[str, Any]) -> tuple[Vocabulary, list[Any]]:
    """The vocabulary of these rows: the same object as long as they say the same in the same order.

    Expressions that were read are remembered together with their vocabulary: with a new one for each request they would
    fill the memory.
    """
    global _read
    rows = repr((plain, lists))
    kept = _read
    if kept is None or kept[0] != rows:
        kept = _read = (rows, read_vocabulary(plain, lists))
    return kept[1]


class FactRecordQuerySet(models.QuerySet["FactRecord"]):
    """Questions about the rows of the vocabulary."""

    def vocabulary(self) -> Vocabulary:
        """The vocabulary as it stands now; two queries. A row that cannot be read is left out, and logged."""
        plain: dict[str, dict[str, Any]] = {}
        for section in SectionRecord.objects.all():
            plain[section.stem] = {"section": section.to_plain(), "facts": []}
        lists: dict[str, list[Any]] = {"papers": []}
        for record in self.select_related("section").order_by("section__position", "position", "name"):
            plain[record.section.stem]["facts"].append(record.to_plain())
            if record.listed:
                lists |= record.own_list()
            lists["papers"] += record.named_papers
        vocabulary, faults = _read_once(plain, lists)
        for fault in faults:
            # One bad row must not take the form away from everybody; the administration refuses such rows.
            log.error("vocabulary_fault", at="/".join(map(str, fault.path)), code=fault.code)
        return vocabulary


class FactRecord(models.Model):
    """A fact of the vocabulary, as a row: what a curator edits; the form, the API and the columns follow it."""

    name = models.CharField(_("name"), max_length=80, unique=True)
    section = models.ForeignKey(SectionRecord, on_delete=models.PROTECT, related_name="facts")
    position = models.PositiveIntegerField(default=0)
    kind = models.CharField(_("kind"), max_length=20, choices=[(kind.value, kind.value) for kind in Kind])
    label_en = models.CharField(_("label (English)"), max_length=300)
    label_zh = models.CharField(_("label (中文)"), max_length=300)
    # Everything else, as it stands in a catalogue file.
    definition = models.JSONField(_("definition"), default=dict)
    # The entries of the reference list that the choices come from, as they were when it was stored.
    listed = models.JSONField(default=list, blank=True, editable=False)
    # What the papers that show this fact were called then, as `{key, label}`.
    named_papers = models.JSONField(default=list, blank=True, editable=False)

    objects = FactRecordQuerySet.as_manager()

    class Meta:
        ordering = ["section__position", "position", "name"]
        verbose_name = _("fact of the vocabulary")
        verbose_name_plural = _("facts of the vocabulary")

    def __str__(self) -> str:
        return self.name

    def to_plain(self) -> dict[str, Any]:
        """The fact as it stands in a catalogue file."""
        label = {"en": self.label_en, "zh": self.label_zh}
        return {"fact": self.name, "kind": self.kind, "label": label, **self.definition}

    def clean(self) -> None:
        """Refuse a row that the form and the rules could not read, with the reason."""
        if not isinstance(self.definition, dict):
            raise ValidationError(_('The definition must be a JSON object, for example {"effort": "slow"}.'))
        section = {"section": {"key": "one", "title": {"en": "one", "zh": "一"}}, "facts": [self.to_plain()]}
        lists = {"certificates": [], **self.own_list()}
        _vocabulary, faults = read_vocabulary([section], lists)
        if faults:
            raise ValidationError([fault.message.said(get_language()) for fault in faults])
        others = FactRecord.objects.exclude(pk=self.pk).vocabulary()
        for word in (self.name, self.label_en, self.label_zh, *self.definition.get("aliases", ())):
            if owner := others.resolve(word):
                raise ValidationError(
                    _("“%(word)s” already names the fact %(fact)s. Please use another word."),
                    params={"word": word, "fact": owner.name},
                )

    def own_list(self) -> dict[str, Any]:
        """The reference list that the choices come from, under its name."""
        choices = self.definition.get("choices")
        name = choices.get("from") if isinstance(choices, dict) else None
        return {name: self.listed} if isinstance(name, str) and self.listed else {}


class AppendOnly(Exception):
    """Somebody tried to change or delete a profile version; make a new version instead."""


class ProfileVersionQuerySet(models.QuerySet["ProfileVersion"]):
    """Questions about profile versions; nothing here changes one."""

    def visible_to(self, user: Any) -> Self:
        """Only versions of companies this person may see."""
        return self.filter(company__in=Company.objects.visible_to(user))

    def newest(self) -> Self:
        """Only the newest version of each company."""
        later = ProfileVersion.objects.filter(company=models.OuterRef("company"), number__gt=models.OuterRef("number"))
        return self.filter(~models.Exists(later))

    def update(self, **kwargs: Any) -> NoReturn:
        """Refused: versions are only added."""
        raise AppendOnly("A profile version never changes; save a new one.")

    def delete(self) -> NoReturn:
        """Refused: versions go only together with their company."""
        raise AppendOnly("A profile version is not deleted by itself.")

    def bulk_update(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Refused: versions are only added."""
        raise AppendOnly("A profile version never changes; save a new one.")


class ProfileVersion(models.Model):
    """The answers of a company at one moment; append-only."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    company = models.ForeignKey(Company, on_delete=models.CASCADE, related_name="profile_versions", editable=False)
    number = models.PositiveIntegerField(editable=False)
    answers = models.JSONField(default=dict, editable=False)
    digest = models.CharField(max_length=64, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", editable=False
    )

    objects = ProfileVersionQuerySet.as_manager()

    class Meta:
        ordering = ["company", "-number"]
        verbose_name = _("profile version")
        verbose_name_plural = _("profile versions")
        constraints = [
            models.UniqueConstraint(fields=["company", "number"], name="profile_version_number_once"),
        ]

    def __str__(self) -> str:
        return f"profile version {self.public_id}"

    def save(self, **kwargs: Any) -> None:
        """Write the version once; a second write is refused."""
        if not self._state.adding:
            raise AppendOnly("A profile version never changes; save a new one.")
        super().save(**kwargs)

    def delete(self, using: Any = None, keep_parents: bool = False) -> NoReturn:
        """Refused; deleting the company takes its versions along."""
        raise AppendOnly("A profile version is not deleted by itself.")

    def profile(self, vocabulary: Vocabulary) -> Profile:
        """The answers that this vocabulary knows; a fact that was taken out of it is left out."""
        profile, _faults = read_profile(vocabulary, {k: v for k, v in self.answers.items() if k in vocabulary})
        return profile


class ProfileDraft(models.Model):
    """What was typed and could not be read yet, so that nothing typed is ever lost: one row a section."""

    company = models.ForeignKey(Company, on_delete=models.CASCADE, related_name="drafts")
    section = models.CharField(max_length=60)
    typed = models.JSONField(default=dict)
    changed_at = models.DateTimeField(auto_now=True)
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")

    class Meta:
        ordering = ["company", "section"]
        verbose_name = _("unread answers")
        verbose_name_plural = _("unread answers")
        constraints = [models.UniqueConstraint(fields=["company", "section"], name="draft_once_per_section")]

    def __str__(self) -> str:
        return f"draft {self.pk}"

    @property
    def mark(self) -> str:
        """Tells one state of the draft from another."""
        return self.changed_at.isoformat()
