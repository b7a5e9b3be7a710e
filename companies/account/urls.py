"""Addresses under /account/."""

from django.urls import path

from companies.account import erasing, views

app_name = "account"

urlpatterns = [
    path("", views.home, name="home"),
    path("sessions/", views.sessions, name="sessions"),
    path("sessions/<int:session>/end/", views.end_session, name="end_session"),
    path("erase/", erasing.account, name="erase"),
    path("keep/", erasing.keep_account, name="keep"),
    path("sessions/end/", views.end_other_sessions, name="end_other_sessions"),
]
