"""How long the operator's page takes until its first byte, at a tenant with many texts."""
