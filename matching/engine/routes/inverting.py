"""Where a condition on one number begins to hold: exact, on the grid of the fact, all other facts held fixed.

A line or a quotient of lines is solved directly, from three exact points; anything else by halving. Either way the
answer is tried out: it holds, and one step nearer to the present value it does not.
"""

from collections.abc import Callable, Iterable, Iterator
from fractions import Fraction

HoldsAt = Callable[[Fraction], bool]
Balance = Callable[[Fraction], Fraction | None]
"""Left side less right side of a comparison; None where that is not one number."""


def first_holding(
    start: Fraction, end: Fraction, step: Fraction, holds: HoldsAt, balance: Balance, lines: Iterable[Fraction]
) -> Fraction | None:
    """The number nearest to `start`, on the way to `end`, from which on the condition holds; it fails at `start`.

    None where it holds nowhere on the way, as far as the lines, the balance and the end show.
    """
    way = step if end > start else -step
    low, high = min(start, end), max(start, end)
    beyond: Fraction | None = None
    for guess in _guesses(start, way, low, high, balance, lines):
        if holds(guess):
            if guess - way == start or not holds(guess - way):
                return guess
            beyond = guess
            break
    if beyond is None:
        if end == start or not holds(end):
            return None
        beyond = end
    return _halved(start, beyond, way, holds)


def _guesses(
    start: Fraction, way: Fraction, low: Fraction, high: Fraction, balance: Balance, lines: Iterable[Fraction]
) -> Iterator[Fraction]:
    """Where it may begin to hold: beside the root of the balance, then at the lines, the nearest first."""
    root = _root(start, way, low, high, balance)
    steps = () if root is None else (n := (root - start) // way, n + 1, n - 1, n + 2)
    seen: set[Fraction] = set()
    for step in steps:
        guess = start + step * way
        if low <= guess <= high and guess != start:
            seen.add(guess)
            yield guess
    near = {start + ((line - start) // way + extra) * way for line in lines for extra in (0, 1)}
    for guess in sorted(near, key=lambda guess: abs(guess - start)):
        if low <= guess <= high and guess != start and guess not in seen and (guess - start) / way > 0:
            yield guess


def _halved(fails: Fraction, holds_at: Fraction, way: Fraction, holds: HoldsAt) -> Fraction:
    """A number that holds while its neighbour nearer to the start does not."""
    steps = (holds_at - fails) / way
    near, far = 0, int(steps)
    if steps != far:  # the end of a fact's bounds need not lie on the grid that begins at the present value
        if not holds(fails + far * way):
            return holds_at
        holds_at = fails + far * way
    while far - near > 1:
        middle = (near + far) // 2
        if holds(fails + middle * way):
            far = middle
        else:
            near = middle
    return fails + far * way


def _root(start: Fraction, way: Fraction, low: Fraction, high: Fraction, balance: Balance) -> Fraction | None:
    """Where a line, or a quotient of two lines, crosses zero."""
    points: list[tuple[Fraction, Fraction]] = []
    at = start
    for _ in range(4):
        if low <= at <= high:
            y = balance(at)
            if y is not None:
                points.append((at, y))
                if len(points) == 3:
                    break
        at += way * 64
    if len(points) < 3:
        return None
    (x1, y1), (x2, y2), (x3, y3) = points
    dx2, dx3, dy2, dy3 = x2 - x1, x3 - x1, y2 - y1, y3 - y1
    if dy2 * dx3 == dy3 * dx2:
        return None if dy2 == 0 else x1 - y1 * dx2 / dy2
    # y = (p x + q) / (x + r): three equations, linear in p, q and r.
    e2, e3 = x2 * y2 - x1 * y1, x3 * y3 - x1 * y1
    determinant = -dx2 * dy3 + dx3 * dy2
    p = (-e2 * dy3 + e3 * dy2) / determinant
    r = (dx2 * e3 - dx3 * e2) / determinant
    q = x1 * y1 + y1 * r - p * x1
    return None if p == 0 else -q / p
