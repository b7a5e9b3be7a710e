"""Addresses of the example cases."""

from django.urls import path

from policies.desk.cases import edges, views

urlpatterns = [
    path("policies/<slug:key>/<int:number>/boundaries/", edges.boundaries, name="boundaries"),
    path("policies/<slug:key>/<int:number>/write/cases/", views.case_list, name="write_cases"),
    path("policies/<slug:key>/<int:number>/write/cases/new/", views.edit, name="write_case_new"),
    path("policies/<slug:key>/<int:number>/write/cases/<int:at>/", views.edit, name="write_case"),
    path("policies/<slug:key>/<int:number>/write/cases/<int:at>/<slug:step>/", views.arrange, name="arrange_case"),
]
