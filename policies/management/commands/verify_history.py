"""`manage.py verify_history`: whether histories, and what they tell of, are as they were written; names what is not."""

from django.core.management.base import BaseCommand, CommandError

from companies.models import ListLine, first_break
from policies.models import HistoryLine
from policies.models.tampering import changed_past_the_service


class Command(BaseCommand):
    help = (
        "Check that no line of the histories was changed, taken out or put in past the service, and that facts, lists, "
        "editions and releases are what the histories say. Exit 1 if something is not."
    )

    def handle(self, *args, **options):
        broken = 0
        for model in (HistoryLine, ListLine):
            found = first_break(model)
            count = model.objects.count()
            if found is None:
                self.stdout.write(
                    f"{model._meta.label}: {count} lines, as they were written 共 {count} 行，与写入时一致"
                )
                continue
            broken += 1
            en = f"line {found.line} is not as it was written" if found.line else "lines are missing at the end"
            zh = f"第 {found.line} 行与写入时不一致" if found.line else "末尾缺少记录"
            self.stdout.write(f"{model._meta.label}: {en} {zh}")
        for said in changed_past_the_service():
            broken += 1
            self.stdout.write(f"{said.en} {said.zh}")
        if broken:
            raise CommandError("something was changed past the service 有内容被绕过系统改动", returncode=1)
