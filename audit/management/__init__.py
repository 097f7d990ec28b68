"""The ledger's commands, and what they share: their base class, rights, tables, who runs them."""
