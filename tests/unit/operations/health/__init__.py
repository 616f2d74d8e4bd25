"""What the checks of a stage find."""
