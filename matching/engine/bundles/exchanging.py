"""A good set for a large part before any search: offers one at a time, then exchanges of one for those that it excludes."""

from matching.engine.bundles.budgets import Budget
from matching.engine.bundles.search import Search, take_in_turn
from matching.engine.bundles.structure import Structure, bits

# So many exchanges are tried for each contested offer before the search takes over.
_ROUNDS = 3


def take_sparing(structure: Structure, budget: Budget, part: int) -> int:
    """The offer that pays most for each one that it and its choice touch, then the next that goes with it, and so on."""
    against, worth = structure.against, budget.worth
    return take_in_turn(structure, part, lambda at: worth[at] // (1 + against[at].bit_count()))


def exchange(search: Search, chosen: int) -> int:
    """The set after taking in left-out offers, one at a time, for as long as that pays more and the bound allows more.

    What an offer excludes goes, what becomes free comes in, the dearest first. The caller's set must be lawful; so is this.
    """
    budget, against, brings = search.budget, search.structure.against, search.structure.brings
    worth = budget.worth
    most, paid = search.bound(search.part), budget.paid(chosen)
    order = [at for _, at in search.order]
    left = still = len(order)
    useful = search.paying & ~budget.used_up(chosen)
    for at in order * _ROUNDS:
        if paid >= most or not still:
            break
        still -= 1
        if chosen >> at & 1:
            continue
        freed = 1 << at
        for out in bits(chosen & against[at]):
            freed |= against[out]
        tried = chosen & ~against[at] | brings[at]
        for other in order:
            if freed >> other & 1 and not against[other] & tried:
                tried |= brings[other]
        # Payments under lids are concave: at most all that changes outside used-up lids is gained.
        gain = 0
        for other in bits((tried ^ chosen) & useful):
            gain += worth[other] if tried >> other & 1 else -worth[other]
        if gain > 0 and (pays := budget.paid(tried)) > paid:
            chosen, paid, still = tried, pays, left
            useful = search.paying & ~budget.used_up(chosen)
    return chosen
