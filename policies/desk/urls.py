"""Addresses under /desk/."""

from django.urls import path

from policies.desk import outline, views
from policies.desk.cases.urls import urlpatterns as cases
from policies.desk.facts.views import urlpatterns as facts
from policies.desk.files.views import urlpatterns as files
from policies.desk.health import urlpatterns as health
from policies.desk.lists.views import urlpatterns as lists
from policies.desk.requirements.urls import urlpatterns as requirements
from policies.desk.scores.urls import urlpatterns as scores
from policies.desk.sections.views import urlpatterns as sections
from policies.desk.signed_out import urlpatterns as signed_out
from policies.desk.writing.views import urlpatterns as writing

app_name = "desk"
# The editors come first: the steps of a version would take their addresses.
urlpatterns = [
    *cases,
    *requirements,
    *outline.urlpatterns,
    *writing,
    *scores,
    *signed_out,
    *facts,
    *files,
    *lists,
    *sections,
    *health,
    path("", views.home, name="home"),
    path("policies/", views.policy_list, name="policies"),
    path("policies/new/", views.new_policy, name="new"),
    path("policies/<slug:key>/", views.policy, name="policy"),
    path("policies/<slug:key>/draft/", views.begin, name="begin"),
    path("policies/<slug:key>/withdraw/", views.withdraw, name="withdraw"),
    path("policies/<slug:key>/<int:number>/", views.version, name="version"),
    path("policies/<slug:key>/<int:number>/<slug:step>/", views.step, name="step"),
    path("releases/", views.release_list, name="releases"),
    path("releases/<int:number>/roll-back/", views.roll_back, name="roll_back"),
]
