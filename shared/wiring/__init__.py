"""The composition root: alone names concrete classes, and builds them when they are first asked for.

A module a Lambda, so that none imports what only another one needs: start-up time is a feature.
"""
