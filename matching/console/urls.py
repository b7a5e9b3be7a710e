"""Addresses under /partner/ about webhooks."""

from django.urls import path

from matching.console import views

_ONE = "<uuid:partner>/webhooks/<uuid:endpoint>/"
urlpatterns = [
    path("<uuid:partner>/webhooks/", views.endpoints, name="webhooks"),
    path(_ONE, views.endpoint, name="webhook"),
    path(f"{_ONE}switch/", views.switch, name="webhook_switch"),
    path(f"{_ONE}test/", views.test, name="webhook_test"),
    path(f"{_ONE}rotate/", views.rotate, name="webhook_rotate"),
    path(f"{_ONE}remove/", views.remove, name="webhook_remove"),
    path(f"{_ONE}replay/", views.replay, name="webhook_replay"),
]
