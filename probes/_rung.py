"""What came of one step that is judged by itself: a rung of the IPv6 ladder, or a check of a site."""

from __future__ import annotations

from dataclasses import dataclass, field

from evidence.model import Facts


@dataclass(frozen=True, slots=True)
class Rung:
    """Its name, its state, the code where it does not pass or as a remark, and the evidence in short."""

    name: str
    state: str
    code: str = ""
    evidence: Facts = field(default_factory=dict)

    @property
    def facts(self) -> Facts:
        """The facts that go with the reading; the code first."""
        return {"code": self.code, **self.evidence} if self.code else self.evidence
