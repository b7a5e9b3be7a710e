"""The question before something that cannot be taken back: a page of its own, so that it is asked without scripts, too."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def ask_first(request: HttpRequest, *, question: str, happens: str, button: str, back: str) -> HttpResponse:
    """What would happen, a button that sends the same address by POST, and the way back, which is the address of a page."""
    context = {"question": question, "happens": happens, "button": button, "back": back}
    return render(request, "companies/ask_first.html", context)
