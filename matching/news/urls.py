"""Addresses of being told, under /news/."""

from django.urls import path

from matching.news import views

app_name = "news"

urlpatterns = [
    path("", views.news, name="list"),
    path("read/", views.read, name="read"),
    path("settings/", views.settings, name="settings"),
    path("settings/letters/", views.letters, name="letters"),
    path("settings/calendar/", views.calendar_address, name="calendar_address"),
    path("no-letters/<str:mark>/", views.no_letters, name="no_letters"),
    path("calendar/<str:secret>.ics", views.calendar, name="calendar"),
    path("settings/companies/<uuid:company_id>/", views.watch, name="watch"),
    path("settings/policies/<slug:policy>/", views.mute, name="mute"),
]
