"""What is wrong with a stage: the checks of the doctor."""
