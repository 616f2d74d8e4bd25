"""The cost of a million texts at list prices, from the packaged template and measurements. See docs/cost.md."""
