"""A report with figures that stand nowhere else, and links to it."""

import pytest
from django.urls import reverse

from companies.actions import found_company, save_answers
from companies.models import Membership, Role
from matching import jobs
from matching.actions import shared as verbs
from matching.models import MatchReport, Shows
from policies import rulebook

NAME = "Zhuque Fermentation of Changping"
# Figures that stand nowhere else: employees, spending, and a tenth of it, which is the amount.
STAFF, SPENDING, AMOUNT = "4,711", "5.173 million", "CNY 517,300"


@pytest.fixture
def company(lin, wei):
    company = found_company(name=NAME, by=lin)
    Membership.objects.create(company=company, user=wei, role=Role.READER)
    return company


@pytest.fixture
def version(company, lin, release):
    vocabulary = rulebook.of_release(release.number).vocabulary
    answers = {"established": True, "employees": 4711, "rd_expense_y1": 5_173_000}
    return save_answers(company=company, answers=answers, by=lin, vocabulary=vocabulary).version


@pytest.fixture
def report(ask):
    ask()
    jobs.do_next()
    return MatchReport.objects.get()


@pytest.fixture
def share(report, lin):
    def made(shows=Shows.VERDICTS, named=False, days=7):
        link, token = verbs.share_report(report=report, shows=shows, named=named, days=days, by=lin)
        return link, reverse("matching:shared", args=[token])

    return made
