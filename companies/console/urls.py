"""Addresses under /partner/ about a partner and its keys."""

from django.urls import path

from companies.console import views

urlpatterns = [
    path("", views.partners, name="home"),
    path("<uuid:partner>/", views.overview, name="overview"),
    path("<uuid:partner>/keys/new/", views.new_key, name="new_key"),
    path("<uuid:partner>/keys/<slug:prefix>/rotate/", views.rotate, name="rotate_key"),
    path("<uuid:partner>/keys/<slug:prefix>/revoke/", views.revoke, name="revoke_key"),
]
