"""What a migration may do while the version before it still serves: add, never take away, rename or narrow.

Between `migrate` and the restart of the last process, the old version writes to the new database. It knows no new column, so each must
be filled without it; it still reads what the new version does not need any more, so that goes one version later.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from django.db.migrations import operations as ops
from django.db.migrations.operations.base import Operation
from django.db.models import NOT_PROVIDED, ManyToManyField

_TAKES_AWAY = (ops.DeleteModel, ops.RemoveField, ops.RenameModel, ops.RenameField, ops.AlterModelTable)
_NARROWS = (ops.AddConstraint, ops.AlterUniqueTogether)


def unsafe(operations: Iterable[Operation]) -> Iterator[str]:
    """What the old version would stumble over, in words; a table that the same migration makes is its own."""
    made: set[str] = set()
    for operation in operations:
        match operation:
            case ops.SeparateDatabaseAndState():
                yield from unsafe(operation.database_operations)
            case ops.CreateModel():
                made.add(operation.name_lower)
            case _ if getattr(operation, "model_name_lower", "") in made:
                pass
            case ops.AddField() if _is_not_filled(operation.field):
                yield f"{operation.describe()}: give it null=True or db_default, the old version does not fill it"
            case ops.AlterField():
                yield f"{operation.describe()}: add another field, and take this one away a version later"
            case _ if isinstance(operation, _TAKES_AWAY):
                yield f"{operation.describe()}: the old version still asks for it; do it a version later"
            case _ if isinstance(operation, _NARROWS):
                yield f"{operation.describe()}: the old version may write what it forbids; do it a version later"


def _is_not_filled(field: object) -> bool:
    if isinstance(field, ManyToManyField):
        return False
    return not getattr(field, "null", False) and getattr(field, "db_default", NOT_PROVIDED) is NOT_PROVIDED
