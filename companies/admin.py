"""The administration of people, companies (never their figures) and the vocabulary."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.db.models import Max
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from companies import actions
from companies.models import (
    Company,
    FactRecord,
    ListLine,
    Membership,
    SectionRecord,
    User,
    add_lines,
    line_of_change,
)
from companies.models.partners import ApiKey, Partner, PartnerMember


@admin.register(User)
class PersonAdmin(UserAdmin):
    """People, by e-mail address."""

    ordering = ["email"]
    list_display = ["email", "is_staff", "is_active", "last_login"]
    list_filter = ["is_staff", "is_active"]
    search_fields = ["email"]
    fieldsets = (
        (None, {"fields": ["email", "password"]}),
        (_("Rights"), {"fields": ["is_active", "is_staff", "is_superuser", "groups", "user_permissions"]}),
        (_("Days"), {"fields": ["last_login", "date_joined"]}),
    )
    add_fieldsets = ((None, {"classes": ["wide"], "fields": ["email", "usable_password", "password1", "password2"]}),)


class MembershipInline(admin.TabularInline):
    """Who takes part in a company."""

    model = Membership
    extra = 0
    autocomplete_fields = ["user"]


@admin.register(Company)
class CompanyAdmin(admin.ModelAdmin):
    """Companies and their members. What a company told about itself is its own business and not shown."""

    list_display = ["name", "other_name", "founded", "created_at"]
    list_filter = ["founded", "created_at"]
    search_fields = ["name", "other_name", "uscc"]
    readonly_fields = ["public_id", "created_at"]
    inlines = [MembershipInline]


class WithReason(forms.ModelForm):
    """A form that also asks why."""

    why = forms.CharField(label=_("Why"), required=False, max_length=5_000, widget=forms.Textarea(attrs={"rows": 2}))


class RecordedAdmin(admin.ModelAdmin):
    """Rows of a model with a `list_name`, whose every change is a line of the history of lists."""

    form = WithReason
    # The order is kept at the desk, where a change of it is a line of the history too.
    exclude = ["position"]

    def key_of(self, row: Any) -> str:
        """What the history calls the row."""
        return str(row.key)

    def entry_of(self, row: Any) -> dict[str, Any]:
        """What the history keeps of the row."""
        return row.to_plain()

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        stored = self.model._default_manager.filter(pk=obj.pk).first() if change else None
        before = self.entry_of(stored) if stored is not None else None
        if not change:
            last = self.model._default_manager.aggregate(last=Max("position"))["last"]
            obj.position = 0 if last is None else last + 1
        super().save_model(request, obj, form, change)
        self._record(request, [(self.key_of(obj), before, self.entry_of(obj))], form.cleaned_data.get("why", ""))

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        gone = (self.key_of(obj), self.entry_of(obj), None)
        super().delete_model(request, obj)
        self._record(request, [gone])

    def delete_queryset(self, request: HttpRequest, queryset: Any) -> None:
        gone = [(self.key_of(row), self.entry_of(row), None) for row in queryset]
        super().delete_queryset(request, queryset)
        self._record(request, gone)

    def _record(self, request: HttpRequest, changes: Iterable[tuple[str, Any, Any]], why: str = "") -> None:
        lines = [line_of_change(self.model.list_name, *change, by=request.user, why=why) for change in changes]
        add_lines([line for line in lines if line is not None])


class FactsInline(admin.TabularInline):
    """The facts of a section, in the order of the form."""

    model = FactRecord
    fields = readonly_fields = ["position", "name", "kind", "label_en", "label_zh"]
    extra = 0
    show_change_link = True
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """New facts are added on their own page, where everything about them fits."""
        return False


@admin.register(SectionRecord)
class SectionAdmin(RecordedAdmin):
    """The pages of the profile form."""

    list_display = ["title_en", "title_zh", "key", "position"]
    search_fields = ["key", "title_en", "title_zh"]
    # The names of the files are their order.
    readonly_fields = ["stem"]
    inlines = [FactsInline]

    def has_add_permission(self, request: HttpRequest) -> bool:
        """A section is added at the desk, which finds its place among the others."""
        return False


@admin.register(FactRecord)
class FactAdmin(RecordedAdmin):
    """Facts: a new row is a new question in the form, without code."""

    list_display = ["name", "label_en", "label_zh", "section", "kind"]
    list_filter = ["section", "kind"]
    list_select_related = ["section"]
    search_fields = ["name", "label_en", "label_zh"]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """Rules, answers and files know a fact by its name, and read it by its kind; it moves at the desk."""
        return ["name", "kind", "section"] if obj else []

    def key_of(self, row: FactRecord) -> str:
        return row.name

    def entry_of(self, row: FactRecord) -> dict[str, Any]:
        return row.to_entry()


@admin.register(ListLine)
class ListLineAdmin(admin.ModelAdmin):
    """The history of the vocabulary and the lists, to be read."""

    list_display = ["at", "list_name", "key", "deed", "by"]
    list_filter = ["list_name", "deed", "at"]
    list_select_related = ["by"]
    search_fields = ["key"]
    fields = ["list_name", "key", "deed", "by", "at", "why", "before", "after", "digest"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class PartnerMemberInline(admin.TabularInline):
    """Who keeps the partner's keys and webhooks."""

    model = PartnerMember
    extra = 0
    autocomplete_fields = ["user"]


@admin.register(Partner)
class PartnerAdmin(admin.ModelAdmin):
    """Organisations with programs of their own, and their people; switching one off stops all its keys at once."""

    inlines = [PartnerMemberInline]

    list_display = ["name", "contact", "is_active", "created_at"]
    list_filter = ["is_active"]
    search_fields = ["name", "contact"]
    readonly_fields = ["public_id", "created_at"]


@admin.register(ApiKey)
class ApiKeyAdmin(admin.ModelAdmin):
    """Keys of partners: made by `manage.py api_key`, which shows the key; here they are looked at and revoked."""

    list_display = ["preview", "partner", "label", "scopes", "expires_at", "revoked_at", "last_used_on"]
    list_filter = ["revoked_at", "expires_at"]
    list_select_related = ["partner"]
    search_fields = ["prefix", "label", "partner__name"]
    actions = ["revoke"]

    @admin.action(description=_("Revoke the chosen keys"), permissions=["change"])
    def revoke(self, request: HttpRequest, chosen: Any) -> None:
        """Stop them at once."""
        stopped = sum(actions.revoke_key(key=key, by=request.user) for key in chosen.select_related("partner"))
        self.message_user(request, _("Keys revoked: %(n)s.") % {"n": stopped})

    def has_add_permission(self, request: HttpRequest) -> bool:
        """A key is shown once when it is made, and that is not here."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nothing of a key changes but that it is revoked, from the list."""
        return obj is None and super().has_change_permission(request, obj)
