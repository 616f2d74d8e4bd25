"""Why a signature does not match: known mistakes are tried until one of them reproduces it.

`diagnosis` does the search. `url_variants`, `body_variants` with `field_variants`, `secret_candidates` and `encodings`
know what can be wrong with the URL, with what is signed after it, with the secret and with the signature itself.
`causes` explains each mistake and says what to do.
"""
