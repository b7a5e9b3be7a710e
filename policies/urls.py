"""Addresses under /policies/."""

from django.urls import path

from policies import views

app_name = "policies"
urlpatterns = [
    path("", views.policy_list, name="list"),
    path("<slug:key>/", views.policy_detail, name="detail"),
]
