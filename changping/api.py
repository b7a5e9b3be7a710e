"""The whole public API, on one page. Everything below /api/v1/; what may change in it says docs/api.md."""

from django.urls import path, re_path

from companies.api.facts import FactDetail, FactList
from companies.api.views import Nothing, problem_page
from matching.api.evaluate import Evaluate

app_name = "api"
# With or without the slash at the end.
urlpatterns = [
    re_path(r"^facts/?$", FactList.as_view(), name="facts"),
    re_path(r"^facts/(?P<name>[^/]{1,200})/?$", FactDetail.as_view(), name="fact"),
    re_path(r"^evaluate/?$", Evaluate.as_view(), name="evaluate"),
    path("problems/<slug:key>/", problem_page, name="problem"),
    re_path(r"^.*$", Nothing.as_view(), name="nothing"),
]
