"""Entry points, one file per Lambda: AWS's shape to ours, one call, and back. No rule about texting is here."""

import gc

from handlers.starting import ON_LAMBDA

if ON_LAMBDA:
    gc.disable()  # until all is imported: nothing of it is garbage
