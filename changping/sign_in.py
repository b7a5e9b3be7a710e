"""Who is signed in, with what every page shows of them: one query for both."""

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend
from django.db.models import Func, IntegerField, OuterRef, Subquery

from companies.models import User
from matching.models import VerdictChange


class Backend(AuthenticationBackend):
    """Signs people in as allauth does, and counts the news that the navigation tells of.

    Counted with the person, because each page reads that row anyway: a page asks the database no more often for it.
    """

    def get_user(self, user_id: Any) -> User | None:
        """The person with `unread_news`; None for nobody, or somebody who may not sign in any more."""
        unread = VerdictChange.objects.unread_for(OuterRef("pk")).order_by()
        # As a plain function: an aggregate would count each row for itself.
        count = Subquery(unread.values(count=Func("pk", function="COUNT")), output_field=IntegerField())
        user = User.objects.annotate(unread_news=count).filter(pk=user_id).first()
        return user if user is not None and self.user_can_authenticate(user) else None
