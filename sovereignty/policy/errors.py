"""What the policy layer refuses."""


class PolicyError(ValueError):
    """Raised when a policy, or what is asked of one, is not as it must be: `field` is where, then
    what was wanted and came."""

    def __init__(self, field: str, wanted: str, came: str) -> None:
        self.field, self.wanted, self.came = field, wanted, came
        super().__init__(f"{field}: want {wanted}, came {came}")
