"""Ledger: what became of each record, kept and passed on."""
