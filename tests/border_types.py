"""A type that both sides of `test_border` know."""

from dataclasses import dataclass, field


@dataclass
class Bag:
    things: list = field(default_factory=list)
    weight: float = 0.0
