"""What-if: variants of one company side by side, as verdicts, amounts and best combinations."""

from matching.engine.comparison.comparing import Variant, compare_variants, side_by_side
from matching.engine.comparison.standard import once_founded, places, standard_variants, with_title

__all__ = ["Variant", "compare_variants", "once_founded", "places", "side_by_side", "standard_variants", "with_title"]
