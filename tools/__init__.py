"""What is for making and checking the project, and ships nowhere."""
