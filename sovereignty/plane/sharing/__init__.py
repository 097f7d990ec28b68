"""Sharing: which touches of different tenants met on which cards, and where nobody can say.

`sweep` is the way in. It lays rows on nodes (`placing`), looks at each node (`on_nodes`) by a sweep
line over busy periods (`overlaps`) and paints what it finds over each row's own time (`paint`).
Uncertainty comes from four places: from parts and possible aliases that meet another tenant on a
node (`uncertain`), from nodes that are too small for the counts on them (`crowded_nodes`), from
parts of unknown nodes (`unlocated_parts`), and from ends that are not accepted evidence
(`unconfirmed_ends`). This wing knows no rule and no verdict, and no source.
"""
