"""The way out of what was sent while signed out: it can be forgotten on whatever page of the desk shows it."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path
from django.views.decorators.http import require_POST

from companies import signed_out
from policies.desk.access import at_desk


@at_desk
@require_POST
def forget(request: HttpRequest) -> HttpResponse:
    """Forget it, and show what is saved."""
    return redirect(signed_out.forget(request) or "desk:home")


urlpatterns = [path("forget/", forget, name="forget_sent")]
