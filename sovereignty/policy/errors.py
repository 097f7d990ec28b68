"""What the policy layer refuses."""


class PolicyError(ValueError):
    """Raised when a policy, or what is asked of one, is not as it must be: `field` is where, then
    what was expected and what was received."""

    def __init__(self, field: str, expected: str, received: str) -> None:
        self.field, self.expected, self.received = field, expected, received
        super().__init__(f"{field}: want {expected}, got {received}")
