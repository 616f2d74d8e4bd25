"""The last step of packaging: it adds the bytecode of the Python that will run the modules to the zip.

Without valid bytecode, Python compiles a module at each start of a Lambda (docs/decisions/0023). So this step runs on
the Python of the functions' runtime. On another Python it leaves bytecode out, because no Python uses that of another
version. It needs the standard library only, because infra/finish.js runs it outside any virtual environment.
"""
