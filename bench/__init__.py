"""The benchmark: the receiver against what people would deploy instead, and against the limit. Ratios, no times."""
