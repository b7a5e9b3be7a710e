from django.urls import path

from matching import views
from matching.checking import check
from matching.comparing.views import compare, compare_any, compare_file
from matching.importing import views as importing
from matching.interview import views as interview
from matching.sharing import views as sharing

app_name = "matching"

urlpatterns = [
    path("start/", interview.start, name="start"),
    path("check/<slug:policy>/", check, name="check"),
    path("companies/<uuid:company_id>/import/", importing.import_profile, name="import"),
    path("companies/<uuid:company_id>/import/profile.<slug:ending>", importing.import_template, name="import_template"),
    path("companies/<uuid:company_id>/interview/", interview.interview, name="interview"),
    path("companies/<uuid:company_id>/interview/<slug:name>/", interview.question, name="question"),
    path("companies/<uuid:company_id>/matches/", views.ask, name="ask"),
    path("compare/", compare_any, name="compare_any"),
    path("companies/<uuid:company_id>/compare/", compare, name="compare"),
    path("companies/<uuid:company_id>/compare/<slug:form>/", compare_file, name="compare_file"),
    path("matches/<uuid:public_id>/", views.waiting, name="waiting"),
    path("matches/<uuid:public_id>/progress/", views.progress, name="progress"),
    path("matches/<uuid:public_id>/cancel/", views.cancel, name="cancel"),
    path("matches/<uuid:public_id>/again/", views.run_again, name="run_again"),
    path("reports/<uuid:public_id>/", views.report, name="report"),
    path("reports/<uuid:public_id>/since/", views.since_before, name="since"),
    path("reports/<uuid:public_id>/share/", sharing.share, name="share"),
    path("companies/<uuid:company_id>/links/", sharing.links, name="links"),
    path("links/<uuid:public_id>/revoke/", sharing.revoke, name="revoke_link"),
    path("shared/<str:token>/", sharing.shared, name="shared"),
    path("reports/<uuid:public_id>/<slug:form>/", views.report_file, name="report_file"),
]
