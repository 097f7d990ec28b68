"""People, what they may read, their passwords and tokens. Each act on one is an entry of the
operator's trail: `rights_on_record` reads these entries, `sentences` writes each in words. Single
sign-on and second factors will live here. What a reader may see of a trail stands in
`audit.access`; sessions and forms stand in `audit.web`."""
