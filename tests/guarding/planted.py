"""Pages with a weakness each, which no check may pass: shown to the checks in place of the product's addresses."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt

from companies.models import Company


@csrf_exempt
def exempt(request: HttpRequest) -> HttpResponse:
    """Takes forged requests."""
    return HttpResponse("taken")


def open_to_all(request: HttpRequest) -> HttpResponse:
    """Shows every company to everybody."""
    return HttpResponse("\n".join(Company.objects.values_list("name", flat=True)))


def writes_when_read(request: HttpRequest) -> HttpResponse:
    """Changes something when it is looked at."""
    Company.objects.update(name="changed")
    return HttpResponse("done")


def with_inline_script(request: HttpRequest) -> HttpResponse:
    """Needs an exception from the policy for scripts."""
    return HttpResponse("<!doctype html><title>x</title><script>go()</script>")


urlpatterns = [
    path("planted/exempt/", exempt, name="exempt"),
    path("planted/open/", open_to_all, name="open"),
    path("planted/writes/", writes_when_read, name="writes"),
    path("planted/script/", with_inline_script, name="script"),
]
