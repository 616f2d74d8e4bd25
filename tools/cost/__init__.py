"""What a million texts cost at list prices, from the packaged template and what was measured. See docs/cost.md."""
