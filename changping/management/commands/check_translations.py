"""`manage.py check_translations`: every sentence in both languages; exit 1 with file:line where not."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import django
from django.apps import apps
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from changping import translations

OUR_APPS = ("changping", "companies", "matching", "policies")


class Command(BaseCommand):
    help = "Finds sentences without a translation, and translations without a sentence."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        here = Path(os.path.relpath(settings.BASE_DIR))
        packages = [Path(config.path) for config in apps.get_app_configs() if config.name.split(".")[0] not in OUR_APPS]
        packages.append(Path(django.__file__).parent / "conf")
        faults: list[translations.TranslationFault] = []
        sentences: list[translations.Sentence] = []
        for path in translations.source_files(here / app for app in OUR_APPS):
            sentences += translations.sentences_in(path)
            if path.suffix == ".html":
                faults += translations.untranslated_text(path)
        faults += translations.faults_in_translations(
            sentences,
            here / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po",
            translations.known_to_packages(packages),
        )
        for fault in faults:
            self.stderr.write(str(fault))
        if faults:
            raise CommandError(f"{len(faults)} faults in translations")
        self.stdout.write(f"{len({(s.context, s.text) for s in sentences})} sentences, all in both languages")
