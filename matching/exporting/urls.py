"""Addresses under /account/export/."""

from django.urls import path

from matching.exporting import views

app_name = "export"

urlpatterns = [
    path("", views.exports, name="list"),
    path("<uuid:public_id>/", views.download, name="download"),
]
