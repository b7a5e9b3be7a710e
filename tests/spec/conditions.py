"""Generated conditions with everything the language has, each number beside lines that generated companies hit exactly."""

from hypothesis import strategies as st

_ATOMS = {
    "money": ["revenue", "spend", "revenue", "spend", "0", "100", "5000万"],
    "ratio": ["share", "ratio", "share", "5%", "0%"],
    "whole": ["staff", "staff", "20", "300", "years_since(founded_on)", "months_since(founded_on)"],
}
_STARTS = {"money": ("0", "100", "5000万"), "ratio": ("0%", "5%", "100%"), "whole": ("0", "20", "300")}
_PLAIN = [
    "foreign", "listed", "true", '"health" in fields', 'fields not in ["energy", "health"]', 'holds("hnte")',
    'holds("hnte", "title")', 'stage in ["seed"]', 'founded_on >= day("2025-11-25")', 'founded_on == day("2000-02-29")',
]  # fmt: skip
_SIGNS = ["<", "<=", ">", ">=", "==", "!="]


class _Writer:
    """Writes expressions whose parts fit each other; the deeper it may go, the more forms it uses."""

    def __init__(self, random):
        self.random = random

    def pick(self, of):
        return self.random.choice(of)

    def number(self, depth, measure):
        """A number of this measure."""
        form = self.pick(["atom", "+", "-", "min", "max", "band", "missing band", "if", "-x", "*", "/", "growth"])
        if depth <= 0 or form == "atom":
            return self.pick(_ATOMS[measure])

        def another(other=measure):
            return self.number(depth - 1, other)

        of = self.pick(list(_STARTS))
        first, second, third = _STARTS[of]
        match form:
            case "+" | "-":
                return f"({another()} {form} {another()})"
            case "min" | "max":
                return f"{form}({another()}, {another()})"
            case "band":
                return f"band({another(of)}, {another()}, [{first}, {another()}], [{second}, {another()}])"
            case "missing band":
                return f"band({another(of)}, [{second}, {another()}], [{third}, {another()}])"
            case "if":
                return f"({another()} if {self.condition(depth - 1)} else {another()})"
            case "-x":
                return f"-({another()})"
            case "*":
                return f"({another()} * {another('ratio' if measure != 'whole' else 'whole')})"
            case "/" if measure == "ratio":
                return f"({another('money')} / {another('money')})"
            case "growth" if measure == "ratio":
                return f"yearly_growth({another('money')}, {another('money')}, {self.pick([1, 2, 3])})"
        return another()

    def choice(self, depth):
        """A choice of the stage."""
        form = self.pick(["atom", "if", "band"])
        if depth <= 0 or form == "atom":
            return self.pick(["stage", "stage", '"seed"', '"grown"'])
        if form == "if":
            return f"({self.choice(depth - 1)} if {self.condition(depth - 1)} else {self.choice(depth - 1)})"
        return f'band({self.number(depth - 1, "money")}, "grown", [100, "seed"])'

    def condition(self, depth):
        """A condition."""
        form = self.pick(
            ["plain", "compare", "compare", "compare", "chain", "choice", "same", "if", "not", "and", "or"]
        )
        if depth <= 0 or form == "plain":
            return self.pick(_PLAIN)

        def part():
            return f"({self.condition(depth - 1)})"

        measure = self.pick(["money", "ratio", "whole"])
        compared = f"{self.number(depth - 1, measure)} {self.pick(_SIGNS)} {self.number(depth - 1, measure)}"
        match form:
            case "compare":
                return compared
            case "chain":
                return f"{compared} {self.pick(_SIGNS)} {self.number(depth - 1, measure)}"
            case "choice":
                return f"({self.choice(depth - 1)} {self.pick(['==', '!='])} {self.choice(depth - 1)})"
            case "same":
                return f"({part()} == {part()})"
            case "if":
                return f"({part()} if {part()} else {part()})"
            case "not":
                return f"not {part()}"
        return f"({part()} {form} {part()})"


conditions = st.randoms(use_true_random=False, note_method_calls=False).map(lambda random: _Writer(random).condition(4))
