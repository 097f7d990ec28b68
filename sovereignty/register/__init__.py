"""The register: which internal card number stands for which slot. `register` looks up, `allocation`
gives numbers, `card_sets` writes and reads sets of numbers as chunk rows, `new_names` finds what a
batch names first. Which physical card sits in a slot is inventory, and lives in statements."""
