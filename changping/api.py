"""The whole public API, on one page. Everything below /api/v1/; what may change in it says docs/api.md."""

from django.urls import path, re_path

from companies.api.claims import ClaimOfCompany
from companies.api.companies import CompanyDetail, CompanyList
from companies.api.document import Document, Documentation, Trial
from companies.api.facts import FactDetail, FactList
from companies.api.profiles import Profile, Versions
from companies.api.views import Nothing, ProblemPage
from matching.api.batches import BatchCancel, BatchDetail, BatchList, BatchRejections, BatchResults, BatchResume
from matching.api.changes import ChangeFeed
from matching.api.evaluate import Evaluate
from matching.api.matches import MatchCancel, MatchDetail, MatchList
from matching.api.reports import ReportDetail
from matching.api.webhooks.deliveries import EndpointDeliveries, EndpointReplay, EndpointTest
from matching.api.webhooks.endpoints import EndpointDetail, EndpointList, EndpointRotation
from matching.api.what_if import Questions, WhatIf
from policies.api.entries import PillarDetail, PillarList, ZoneDetail, ZoneList
from policies.api.offers import OfferDetail, OfferList
from policies.api.policies import PolicyDetail, PolicyList
from policies.api.releases import ReleaseDetail, ReleaseList

app_name = "api"
ID = "[0-9a-f-]{36}"
# With or without the slash at the end.
urlpatterns = [
    re_path(r"^facts/?$", FactList.as_view(), name="facts"),
    re_path(r"^facts/(?P<name>[^/]{1,200})/?$", FactDetail.as_view(), name="fact"),
    re_path(r"^zones/?$", ZoneList.as_view(), name="zones"),
    re_path(r"^zones/(?P<key>[^/]{1,200})/?$", ZoneDetail.as_view(), name="zone"),
    re_path(r"^pillars/?$", PillarList.as_view(), name="pillars"),
    re_path(r"^pillars/(?P<key>[^/]{1,200})/?$", PillarDetail.as_view(), name="pillar"),
    re_path(r"^policies/?$", PolicyList.as_view(), name="policies"),
    re_path(r"^policies/(?P<key>[^/]{1,200})/?$", PolicyDetail.as_view(), name="policy"),
    re_path(r"^offers/?$", OfferList.as_view(), name="offers"),
    re_path(r"^offers/(?P<policy>[^/]{1,200})/(?P<offer>[^/]{1,200})/?$", OfferDetail.as_view(), name="offer"),
    re_path(r"^releases/?$", ReleaseList.as_view(), name="releases"),
    re_path(r"^releases/(?P<number>[0-9]{1,10})/?$", ReleaseDetail.as_view(), name="release"),
    re_path(r"^evaluate/?$", Evaluate.as_view(), name="evaluate"),
    re_path(r"^companies/?$", CompanyList.as_view(), name="companies"),
    re_path(rf"^companies/(?P<company>{ID})/?$", CompanyDetail.as_view(), name="company"),
    re_path(rf"^companies/(?P<company>{ID})/claim/?$", ClaimOfCompany.as_view(), name="claim"),
    re_path(rf"^companies/(?P<company>{ID})/profile/?$", Profile.as_view(), name="profile"),
    re_path(rf"^companies/(?P<company>{ID})/profile/versions/?$", Versions.as_view(), name="profile_versions"),
    re_path(rf"^companies/(?P<company>{ID})/what-if/?$", WhatIf.as_view(), name="what_if"),
    re_path(rf"^companies/(?P<company>{ID})/questions/?$", Questions.as_view(), name="questions"),
    re_path(r"^matches/?$", MatchList.as_view(), name="matches"),
    re_path(rf"^matches/(?P<match>{ID})/?$", MatchDetail.as_view(), name="match"),
    re_path(rf"^matches/(?P<match>{ID})/cancel/?$", MatchCancel.as_view(), name="match_cancel"),
    re_path(rf"^reports/(?P<report>{ID})/?$", ReportDetail.as_view(), name="report"),
    re_path(r"^changes/?$", ChangeFeed.as_view(), name="changes"),
    re_path(r"^batches/?$", BatchList.as_view(), name="batches"),
    re_path(rf"^batches/(?P<batch>{ID})/?$", BatchDetail.as_view(), name="batch"),
    re_path(rf"^batches/(?P<batch>{ID})/results/?$", BatchResults.as_view(), name="batch_results"),
    re_path(rf"^batches/(?P<batch>{ID})/rejections/?$", BatchRejections.as_view(), name="batch_rejections"),
    re_path(rf"^batches/(?P<batch>{ID})/cancel/?$", BatchCancel.as_view(), name="cancel_batch"),
    re_path(rf"^batches/(?P<batch>{ID})/resume/?$", BatchResume.as_view(), name="resume_batch"),
    re_path(r"^webhooks/?$", EndpointList.as_view(), name="webhooks"),
    re_path(rf"^webhooks/(?P<endpoint>{ID})/?$", EndpointDetail.as_view(), name="webhook"),
    re_path(rf"^webhooks/(?P<endpoint>{ID})/deliveries/?$", EndpointDeliveries.as_view(), name="deliveries"),
    re_path(rf"^webhooks/(?P<endpoint>{ID})/test/?$", EndpointTest.as_view(), name="test_webhook"),
    re_path(rf"^webhooks/(?P<endpoint>{ID})/replay/?$", EndpointReplay.as_view(), name="replay_events"),
    re_path(rf"^webhooks/(?P<endpoint>{ID})/rotate/?$", EndpointRotation.as_view(), name="rotate_secret"),
    re_path(r"^schema/?$", Document.as_view(), name="schema"),
    re_path(r"^docs/?$", Documentation.as_view(), name="documentation"),
    re_path(r"^docs/try/?$", Trial.as_view(), name="trial"),
    path("problems/<slug:key>/", ProblemPage.as_view(), name="problem"),
    re_path(r"^.*$", Nothing.as_view(), name="nothing"),
]
