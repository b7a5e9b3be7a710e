"""The body of a report's page is made once for many readings, in each language, within a bound."""

from matching.rendering.read_again import Bodies, Body


def body(size: int) -> Body:
    return Body(b"x" * size, "Example", "2026-11-24", has_dates=False)


def test_a_body_that_is_read_again_is_not_made_again():
    bodies, made = Bodies(100), []

    for _ in range(3):
        bodies.get(("digest", "company", "en"), lambda: made.append(1) or body(10))

    assert made == [1]


def test_another_language_is_another_body():
    bodies = Bodies(100)
    bodies.get(("digest", "company", "en"), lambda: body(10))

    chinese = bodies.get(("digest", "company", "zh-hans"), lambda: body(20))

    assert len(chinese.html) == 20


def test_those_read_longest_ago_go_when_there_is_no_room():
    bodies = Bodies(100)
    for name in ("first", "second"):
        bodies.get((name,), lambda: body(40))
    bodies.get(("first",), lambda: body(0))

    bodies.get(("third",), lambda: body(40))

    assert bodies.bytes == 80
    assert len(bodies.get(("first",), lambda: body(1)).html) == 40
    assert len(bodies.get(("second",), lambda: body(1)).html) == 1


def test_a_body_larger_than_the_room_is_given_and_not_kept():
    bodies = Bodies(100)

    assert len(bodies.get(("large",), lambda: body(200)).html) == 200
    assert bodies.bytes == 0
