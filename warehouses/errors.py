"""The one error of this package: a value the rules refuse, with a stable code."""


class WarehouseError(ValueError):
    """`code` is stable and documented, `field` names the input at fault, `detail` is for people."""

    def __init__(self, code: str, field: str, detail: str) -> None:
        super().__init__(f"{field}: {detail}")
        self.code = code
        self.field = field
        self.detail = detail
