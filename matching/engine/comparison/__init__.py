"""What-if: variants of one company side by side, as verdicts, amounts and best combinations."""

from matching.engine.comparison.comparing import Variant, compare_variants
from matching.engine.comparison.standard import standard_variants

__all__ = ["Variant", "compare_variants", "standard_variants"]
