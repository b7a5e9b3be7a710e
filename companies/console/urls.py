"""Addresses under /partner/ about a partner and its keys."""

from django.urls import path

from companies.console import handing_over, views

urlpatterns = [
    path("", views.partners, name="home"),
    path("<uuid:partner>/", views.overview, name="overview"),
    path("<uuid:partner>/companies/", handing_over.companies, name="companies"),
    path("<uuid:partner>/companies/<uuid:company>/link/", handing_over.make_claim, name="make_claim"),
    path("<uuid:partner>/companies/<uuid:company>/link/end/", handing_over.take_back_claim, name="take_back_claim"),
    path("<uuid:partner>/keys/new/", views.new_key, name="new_key"),
    path("<uuid:partner>/keys/<slug:prefix>/rotate/", views.rotate, name="rotate_key"),
    path("<uuid:partner>/keys/<slug:prefix>/revoke/", views.revoke, name="revoke_key"),
]
