"""Every address of the product, on one page."""

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

from changping import health, views, work
from changping.metrics.page import metrics
from companies.console.urls import urlpatterns as console_of_companies
from companies.members.claims import claim
from companies.members.views import invitation
from matching.console.urls import urlpatterns as console_of_matching
from matching.desk.urls import urlpatterns as desk_of_matching
from policies.desk.urls import urlpatterns as desk_of_policies

admin.autodiscover()
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]  # one door for sign-in, with its limits

urlpatterns = [
    path("", views.home, name="home"),
    path("account/export/", include("matching.exporting.urls")),
    path("account/", include("companies.account.urls")),
    # Ours instead of the library's, which shows full addresses.
    path("accounts/sessions/", RedirectView.as_view(pattern_name="account:sessions")),
    path("accounts/", include("allauth.urls")),
    path("i18n/", include("django.conf.urls.i18n")),
    path("admin/", (work.urlpatterns + admin.site.urls[0], *admin.site.urls[1:])),
    path("healthz", health.alive, name="healthz"),
    path("readyz", health.ready, name="readyz"),
    path("metrics", metrics, name="metrics"),
    path("api/v1/", include("changping.api")),
    path("companies/", include("companies.urls")),
    path("claims/<str:token>/", claim, name="claim"),
    path("invitations/<str:token>/", invitation, name="invitation"),
    path("policies/", include("policies.urls")),
    path("news/", include("matching.news.urls")),
    # One desk for its people, whichever app a page comes from. Matching's stand first: a step of a version is any word.
    path("desk/", include(([*desk_of_matching, *desk_of_policies], "desk"))),
    path("partner/", include(([*console_of_companies, *console_of_matching], "partner"))),
    path("", include("matching.urls")),
]

handler400 = "changping.faults.bad_request"
handler403 = "changping.faults.forbidden"
handler404 = "changping.faults.not_found"
handler500 = "changping.faults.failed"
