"""Companies sent before, as rows of a batch: what each has answered, in the words of its newest profile version."""

from collections.abc import Iterator, Sequence

from companies.models import Company, Partner, ProfileVersion
from matching.batches.portions import company_line

# Companies asked for by one query: SQLite takes no more than some thousands of parameters.
READ_AT_ONCE = 1_000


def company_lines(partner: Partner, ids: Sequence[str]) -> Iterator[bytes]:
    """A line for each of these companies, in their order; one that the partner cannot see (any more) says only that."""
    for start in range(0, len(ids), READ_AT_ONCE):
        block = ids[start : start + READ_AT_ONCE]
        visible = Company.objects.visible_to_partner(partner).filter(public_id__in=block)
        names = {str(number): (pk, name) for number, pk, name in visible.values_list("public_id", "pk", "name")}
        newest = ProfileVersion.objects.newest().filter(company__in=[pk for pk, _ in names.values()])
        answers = dict(newest.values_list("company", "answers"))
        for number in block:
            pk, name = names.get(number, (0, ""))
            yield company_line(number, name, answers.get(pk, {}) if pk else None)
