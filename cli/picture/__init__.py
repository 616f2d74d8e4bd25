"""`make docs`: the picture of the dashboard in docs/operations.md, from what a run on the local stack measured."""
