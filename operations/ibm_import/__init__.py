"""What was configured at IBM, taken over: its files, the plan for an operator to confirm, and carrying it out."""
