"""The plane: cards × time. Pure arithmetic over everything that a check may know.

The way through:

1. `world` is the input: facts as arrays and small records, from the database or from a bundle;
   `validate` checks it once.
2. `runs` cuts touches to the period, as rows of cards × time. `strips` cuts rows further wherever
   anything that rules read may change.
3. Three wings answer what rules ask of the plane: `inventory/` what is known of cards, `coverage/`
   whether the sources that must report were heard, and `sharing/` who met whom on which cards.
4. `sovereignty.policy.evaluate` judges the strips by the rules. `areas` and `card_texts` then write
   what was found in one spelling only.

Below these lie `steps` (functions of time), `intervals` (sets of times), `layers` (which ranges
cover a card), `ordering` (sorting and grouping of arrays) and `card_ranges`.

The root holds the world, rows, strips and this arithmetic. Nothing here knows a rule, a verdict, a
database or a file. `coverage/` and `sharing/` import `inventory/` and the root; the root imports no
wing.

Words:

- *run*: consecutive cards of one touch over one interval.
- *strip*: cards with one history, and so with one step function of everything that rules read.
- *chunk*: 1,024 consecutive card numbers, the unit in which the database keeps cards. The plane
  knows only closed ranges of card numbers.
"""
