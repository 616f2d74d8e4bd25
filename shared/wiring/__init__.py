"""The composition root: the only place that chooses concrete classes. Objects are built when they are first needed.

Each Lambda has its own module and imports nothing that only another one needs, which keeps cold starts short.
"""
