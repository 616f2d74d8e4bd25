"""The benchmark: our Lambdas against what people would deploy instead, and against the limit. It keeps ratios only."""
