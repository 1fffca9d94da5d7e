"""Jobs that are made, or at least tried."""

from collections.abc import Mapping
from typing import Any, ClassVar

from tests.crash_points import print_shop
from tests.crash_points.stories.story import Asked, Scene

ENDLESS_AT_FIRST: Mapping[str, Any] = {"hang": True, "only_first": 1}


class Quick(Asked):
    """Made in the worker's event loop."""

    generator = "noop"


class Lasting(Asked):
    """Long enough for a word of its start and a heartbeat."""

    input: ClassVar[Mapping[str, Any]] = {"delay_seconds": 0.8}


class Retried(Asked):
    """The first attempt fails for a passing reason."""

    input: ClassVar[Mapping[str, Any]] = {"transient_rate": 1, "only_first": 1}


class Released(Asked):
    """The first attempt would never end; its worker is asked to."""

    settings: ClassVar[Mapping[str, str]] = {"DARKROOM_GRACE_SECONDS": "3"}
    input: ClassVar[Mapping[str, Any]] = ENDLESS_AT_FIRST

    def begin(self, scene: Scene) -> None:
        self.ask_until_it_runs(scene)
        scene.darkroom.ask_to_end("generator")


class Ordered(Asked):
    """Made by a provider that charges for every order."""

    generator = print_shop.NAME

    def go_on(self, scene: Scene) -> str:
        job_id = super().go_on(scene)
        scene.person.wait(job_id)
        [number] = print_shop.OrderBook(scene.darkroom.order_book).orders_of(job_id)
        assert scene.person.content(job_id).decode() == number
        return job_id

    def asked_with(self, scene: Scene) -> dict[str, Any]:
        return {"book": str(scene.darkroom.order_book)}


class InDoubt(Ordered):
    """The provider's answer is not heard; somebody looks into its book."""

    def go_on(self, scene: Scene) -> str:
        job_id = Asked.go_on(self, scene)
        self.decide(scene, job_id)
        return super().go_on(scene)

    def decide(self, scene: Scene, job_id: str) -> None:
        """Say what stands there, as soon as it is wanted to be known, and however often."""
        scene.person.wait_until(job_id, "needs_reconciliation", "retrying", "running", "ready")
        [number] = print_shop.OrderBook(scene.darkroom.order_book).orders_of(job_id)
        scene.person.attach(job_id, number)

    def asked_with(self, scene: Scene) -> dict[str, Any]:
        return {**super().asked_with(scene), "deaf": True}


class Decided(InDoubt):
    """It is in doubt before anybody dies."""

    def begin(self, scene: Scene) -> None:
        self.decide(scene, Asked.go_on(self, scene))


class TakenOver(Asked):
    """Its worker died in the first attempt; who takes it over dies too."""

    input: ClassVar[Mapping[str, Any]] = ENDLESS_AT_FIRST

    def prepare(self, scene: Scene) -> None:
        self.ask_until_it_runs(scene)
        scene.darkroom.process("generator").kill()


class UsedUp(TakenOver):
    """It may be tried once only, and its worker died in that."""

    limits: ClassVar[Mapping[str, Any]] = {"max_attempts": 1}
    status = "failed"
