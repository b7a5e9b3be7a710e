"""The places on a report's page that other parts of it point to."""


def anchor_of(offer_id: str) -> str:
    """An id for the page: an offer's id without the slash."""
    return f"offer-{offer_id.replace('/', '--')}"
