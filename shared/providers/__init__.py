"""SMS providers: a folder for each, and three lists of them.

`rules.py` is what operators choose from, and what the domain knows of each provider; `webhooks.py` is for the receiver
and `apis.py` for the sender. They are apart because a Lambda must not load what only another one needs.
"""
