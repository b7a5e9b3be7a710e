"""The whole public API, on one page. Everything below /api/v1/; what may change in it says docs/api.md."""

from django.urls import path, re_path

from companies.api.companies import CompanyDetail, CompanyList
from companies.api.document import Document, Documentation
from companies.api.facts import FactDetail, FactList
from companies.api.views import Nothing, ProblemPage
from matching.api.evaluate import Evaluate
from matching.api.webhooks import (
    EndpointDeliveries,
    EndpointDetail,
    EndpointList,
    EndpointReplay,
    EndpointRotation,
    EndpointTest,
)

app_name = "api"
ID = "[0-9a-f-]{36}"
# With or without the slash at the end.
urlpatterns = [
    re_path(r"^facts/?$", FactList.as_view(), name="facts"),
    re_path(r"^facts/(?P<name>[^/]{1,200})/?$", FactDetail.as_view(), name="fact"),
    re_path(r"^evaluate/?$", Evaluate.as_view(), name="evaluate"),
    re_path(r"^companies/?$", CompanyList.as_view(), name="companies"),
    re_path(rf"^companies/(?P<company>{ID})/?$", CompanyDetail.as_view(), name="company"),
    re_path(r"^webhooks/?$", EndpointList.as_view(), name="webhooks"),
    re_path(rf"^webhooks/(?P<endpoint>{ID})/?$", EndpointDetail.as_view(), name="webhook"),
    re_path(rf"^webhooks/(?P<endpoint>{ID})/deliveries/?$", EndpointDeliveries.as_view(), name="deliveries"),
    re_path(rf"^webhooks/(?P<endpoint>{ID})/test/?$", EndpointTest.as_view(), name="test_webhook"),
    re_path(rf"^webhooks/(?P<endpoint>{ID})/replay/?$", EndpointReplay.as_view(), name="replay_events"),
    re_path(rf"^webhooks/(?P<endpoint>{ID})/rotate/?$", EndpointRotation.as_view(), name="rotate_secret"),
    re_path(r"^schema/?$", Document.as_view(), name="schema"),
    re_path(r"^docs/?$", Documentation.as_view(), name="documentation"),
    path("problems/<slug:key>/", ProblemPage.as_view(), name="problem"),
    re_path(r"^.*$", Nothing.as_view(), name="nothing"),
]
