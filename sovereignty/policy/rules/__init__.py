"""One module for each rule, named as the rule is. A new rule is a new module here."""
