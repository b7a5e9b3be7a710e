"""People, companies, and who takes part in which."""

import uuid
from typing import TYPE_CHECKING, Any, ClassVar, Self

from django.conf import settings
from django.contrib.auth.base_user import BaseUserManager
from django.contrib.auth.models import AbstractUser
from django.core.exceptions import ValidationError
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from stdnum.cn import uscc as uscc_number
from stdnum.exceptions import ValidationError as NumberFault

from companies.models.partners import Partner, PartnerCompany
from companies.models.visitors import Visit

if TYPE_CHECKING:
    from companies.models.profiles import ProfileVersion


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
    # When the account is erased; NULL where nobody asked for it.
    erase_at = models.DateTimeField(null=True, blank=True, editable=False, db_index=True)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    objects: ClassVar[UserAccounts] = UserAccounts()  # type: ignore[assignment]

    unread_news = 0
    """How much they have not read; counted when somebody who is signed in asks for a page."""
    is_of_partner = False
    """Whether they work for a partner; found out in the same question."""

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
        """Only the companies this person is a member of; for somebody not signed in, those that their browser holds."""
        if not getattr(user, "is_authenticated", False):
            return self.held_by(user)
        return self.filter(pk__in=Membership.objects.filter(user=user).values("company"))

    def held_by(self, visitor: Any) -> Self:
        """Only the companies without members that this visitor's browser holds."""
        if not getattr(visitor, "held", ()):
            return self.none()
        return self.filter(pk__in=Visit.objects.held_by(visitor).values("company"))

    def editable_by(self, user: Any) -> Self:
        """Only the companies whose record this person may change."""
        if not getattr(user, "is_authenticated", False):
            return self.held_by(user)
        may_edit = Membership.objects.filter(user=user, role__in=[Role.OWNER, Role.EDITOR])
        return self.filter(pk__in=may_edit.values("company"))

    def visible_to_partner(self, partner: Partner) -> Self:
        """Only the companies that this partner sent, or that agreed; in either case as long as nobody ended it."""
        return self.filter(pk__in=PartnerCompany.objects.visible_to_partner(partner).values("company"))

    def editable_by_partner(self, partner: Partner) -> Self:
        """Only the companies whose record this partner may change."""
        return self.filter(pk__in=PartnerCompany.objects.editable_by_partner(partner).values("company"))

    def with_role_of(self, user: Any) -> Self:
        """Each company with `role`: what this person may do with it. Who holds one without an account may change it."""
        if not getattr(user, "is_authenticated", False):
            held = models.When(
                pk__in=Visit.objects.held_by(user).values("company"), then=models.Value(Role.EDITOR.value)
            )
            return self.annotate(role=models.Case(held, default=None, output_field=models.CharField()))
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
    # When the record is erased; NULL where nobody asked for it. Until then its members may keep it after all.
    erase_at = models.DateTimeField(null=True, blank=True, editable=False, db_index=True)

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
