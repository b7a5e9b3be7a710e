"""How fast the engine is, as ratios to its peers. Pure measuring code: no product code imports it."""
