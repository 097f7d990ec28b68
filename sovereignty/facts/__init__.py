"""Facts: what a source may tell, one frozen struct and one validator a kind.

`kinds` holds the structs, `checks` reads and checks a body, `errors` says what is wrong with one.
Collectors, recording, projection and replay stand on this package. Rules and verdicts do not belong
here (`sovereignty.policy`), nor does anything of the database.
"""
