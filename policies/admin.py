"""Policies in the admin: lists are edited, what was published is only read."""

import json

from django.contrib import admin
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from companies.admin import RecordedAdmin, WithReason
from policies.actions import entry_faults, take_lists_over
from policies.models import LISTS, HistoryLine, Policy, PolicyVersion, Release


class ReferenceForm(WithReason):
    """Refuses an entry with which the facts that take their choices from the list could not be read."""

    def _post_clean(self):
        super()._post_clean()
        if not self.errors:
            for fault in entry_faults(self.instance):
                self.add_error(None, fault.message.said(get_language()))


class ReferenceAdmin(RecordedAdmin):
    """An entry of a reference list. Facts that take their choices from the list offer it at once."""

    form = ReferenceForm
    list_display = ["key", "label_en", "label_zh", "basis", "confidence", "position"]
    search_fields = ["key", "label_en", "label_zh"]
    list_filter = ["basis", "confidence"]

    def has_delete_permission(self, request, obj=None):
        """Entries are taken out at the desk, which knows what uses them."""
        return False

    def get_readonly_fields(self, request, obj=None):
        # Policies and profiles point to the key.
        return ["key"] if obj else []

    def _record(self, request, changes, why=""):
        super()._record(request, changes, why)
        take_lists_over(by=request.user, why=why)


for model in LISTS.values():
    admin.site.register(model, ReferenceAdmin)


class ReadOnlyAdmin(admin.ModelAdmin):
    """Rows that only actions make."""

    def has_add_permission(self, request, obj=None):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False

    @admin.display(description=_("content"))
    def shown_content(self, row):
        """The content as indented JSON; the admin escapes it."""
        return json.dumps(row.content, ensure_ascii=False, indent=2)


@admin.register(Policy)
class PolicyAdmin(ReadOnlyAdmin):
    list_display = ["key", "created_at"]
    search_fields = ["key", "versions__title_en", "versions__title_zh"]


@admin.register(PolicyVersion)
class PolicyVersionAdmin(ReadOnlyAdmin):
    list_display = ["policy", "number", "state", "title_zh", "title_en", "level", "status", "published_at"]
    list_filter = ["state", "level", "status"]
    list_select_related = ["policy"]
    search_fields = ["policy__key", "title_en", "title_zh"]
    fields = [
        "policy", "number", "state", "title_en", "title_zh", "level", "status", "issued", "effective_from",
        "effective_to", "beneficiary", "digest", "author", "reviewer", "publisher", "based_on", "publish_on", "created_at",
        "published_at", "retired_at", "shown_content",
    ]  # fmt: skip
    readonly_fields = ["shown_content"]


@admin.register(Release)
class ReleaseAdmin(ReadOnlyAdmin):
    list_display = ["number", "digest", "created_at", "created_by"]
    fields = ["number", "digest", "created_at", "created_by", "changes"]

    def get_queryset(self, request):
        return super().get_queryset(request).defer("snapshot")


@admin.register(HistoryLine)
class HistoryAdmin(ReadOnlyAdmin):
    list_display = ["at", "policy", "number", "deed", "by", "release"]
    list_filter = ["deed", "at"]
    list_select_related = ["policy", "by", "release"]
    search_fields = ["policy__key"]
    fields = ["policy", "number", "deed", "by", "at", "why", "before", "after", "release"]

    def get_queryset(self, request):
        return super().get_queryset(request).defer("release__snapshot", "release__changes")
