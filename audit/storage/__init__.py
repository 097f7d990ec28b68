"""How bytes reach the disk: many rows at once, row locks, attachments, files that survive a crash,
and the second store apart from the database. What the bytes mean lives elsewhere."""
