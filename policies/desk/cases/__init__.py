"""The example cases of a version: what each must give, what comes out now, and writing at them."""
