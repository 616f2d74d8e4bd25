"""What was set aside: choosing among it and bringing it back."""
