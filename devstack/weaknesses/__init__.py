"""The weaknesses that AWS documents and the local AWS lacks, so that they can be tried before the real one shows them.

Harmless ones are always on, and harmful ones are switched on by tests (decision 0043). Each module has those of one
service. They run inside the local AWS, in whose environment only the standard library and ministack are installed.
"""
