"""Which parts does a collector have, and how are they put together around one store?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from collector import frameworks
from collector.config import CollectorConfig
from collector.dispatch import Dispatch
from collector.draws import Draws
from collector.frameworks import Framework
from collector.intake import Intake
from collector.people import Front
from collector.slots import Limits
from collector.store import Store


@dataclass(frozen=True, slots=True)
class Collector:
    """All that a route may call."""

    config: CollectorConfig
    store: Store
    key: Ed25519PrivateKey
    frameworks: tuple[Framework, ...]
    intake: Intake
    dispatch: Dispatch
    draws: Draws
    front: Front
    now_us: Callable[[], int]


def assembled(config: CollectorConfig, store: Store, key: Ed25519PrivateKey, now_us: Callable[[], int]) -> Collector:
    """The collector's parts around one store; raises FrameworkWrong for a policy file that cannot be used."""
    policies = frameworks.shipped()
    limits = Limits(config.shared_budget_bit_s, config.egress_day_octets)
    dispatch = Dispatch(store, key, now_us, config.order_hours, policies, limits, config.survey_hours)
    draws = Draws(store, key, now_us, config.survey_hours, dispatch.wake.all)
    return Collector(
        config,
        store,
        key,
        policies,
        Intake(store, key, now_us, draws.settle),
        dispatch,
        draws,
        Front(store, now_us, config.session_hours),
        now_us,
    )
