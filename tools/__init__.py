"""Tools for building and checking the project. They are not deployed."""
