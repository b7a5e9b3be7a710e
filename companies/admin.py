"""The administration of people, companies (never their figures) and the vocabulary."""

from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from companies.models import Company, FactRecord, Membership, SectionRecord, User


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


class FactsInline(admin.TabularInline):
    """The facts of a section, in the order of the form."""

    model = FactRecord
    fields = ["position", "name", "kind", "label_en", "label_zh"]
    readonly_fields = ["name", "kind", "label_en", "label_zh"]
    extra = 0
    show_change_link = True
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """New facts are added on their own page, where everything about them fits."""
        return False


@admin.register(SectionRecord)
class SectionAdmin(admin.ModelAdmin):
    """The pages of the profile form."""

    list_display = ["title_en", "title_zh", "key", "position"]
    search_fields = ["key", "title_en", "title_zh"]
    inlines = [FactsInline]


@admin.register(FactRecord)
class FactAdmin(admin.ModelAdmin):
    """Facts: a new row is a new question in the form, without code."""

    list_display = ["name", "label_en", "label_zh", "section", "kind"]
    list_filter = ["section", "kind"]
    list_select_related = ["section"]
    search_fields = ["name", "label_en", "label_zh"]
