"""Addresses of the reach of a version."""

from django.urls import path

from matching.desk.reach import views

urlpatterns = [
    path("policies/<slug:key>/<int:number>/reach/", views.reach, name="reach"),
    path("policies/<slug:key>/<int:number>/reach/csv/", views.reach_csv, name="reach_csv"),
]
