"""Why a signature does not hold: the mistakes that are made, tried until one of them reproduces it.

`diagnosis` looks; `addresses`, `forms` with `fields`, `secrets` and `spelling` know what can be wrong with the URL,
with what is signed behind it, with the secret and with the signature itself; `causes` says each in words, with what to
do.
"""
