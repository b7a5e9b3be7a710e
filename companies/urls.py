"""Addresses of companies and their profiles, under /companies/."""

from django.urls import path

from companies import keeping, views
from companies.account import erasing
from companies.members import views as members

app_name = "companies"

urlpatterns = [
    path("", views.company_list, name="list"),
    path("new/", views.new, name="new"),
    path("<uuid:public_id>/", views.detail, name="detail"),
    path("<uuid:public_id>/name/", views.describe, name="describe"),
    path("<uuid:public_id>/members/", members.members, name="members"),
    path("<uuid:public_id>/members/<int:member>/role/", members.change_role, name="change_role"),
    path("<uuid:public_id>/members/<int:member>/remove/", members.remove, name="remove_member"),
    path("<uuid:public_id>/invitations/<uuid:invitation>/again/", members.invite_again, name="invite_again"),
    path("<uuid:public_id>/invitations/<uuid:invitation>/end/", members.take_back, name="end_invitation"),
    path("<uuid:public_id>/erase/", erasing.company, name="erase"),
    path("<uuid:public_id>/keep/", erasing.keep_company, name="keep"),
    path("<uuid:public_id>/visit/keep/", keeping.keep, name="keep_visit"),
    path("<uuid:public_id>/visit/withdraw/", keeping.withdraw, name="withdraw_links"),
    path("<uuid:public_id>/visit/erase/", keeping.erase, name="erase_visit"),
    path("resume/<str:secret>/", keeping.resume, name="resume"),
    path("<uuid:public_id>/partners/", views.partners, name="partners"),
    path("<uuid:public_id>/partners/<uuid:partner_id>/end/", views.end_partner, name="end_partner"),
    path("<uuid:public_id>/profile/", views.profile, name="profile"),
    path("<uuid:public_id>/profile/<slug:section>/", views.section, name="section"),
]
