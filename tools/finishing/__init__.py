"""The last step of packaging: a zip whose modules have the bytecode of the very Python that will run them.

Python compiles whatever has no bytecode that it trusts each time a Lambda starts (docs/decisions/0023). So this runs on
the Python of the functions' runtime, and on another one it leaves bytecode out: no Python uses that of a different
version. It needs the standard library only, because infra/finish.js runs it outside of any virtual environment.
"""
