"""Addresses of trying a version."""

from django.urls import path

from matching.desk.trying import views

urlpatterns = [path("policies/<slug:key>/<int:number>/try/", views.attempt, name="try")]
