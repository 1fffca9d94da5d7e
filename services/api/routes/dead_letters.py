"""GET /v1/dead-letters: messages that could not be handled, and why."""

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from services.api.models import DeadLetterFilter, Scope
from services.api.routes.answers import LetterId, answer
from services.api.routes.authenticating import needs
from services.api.routes.cursors import cursor_of_seq, seq_of_cursor
from services.api.routes.dead_letter_presenters import (
    dead_letter_group,
    dead_letter_json,
    dead_letter_summary,
)
from services.api.routes.dead_letter_schemas import (
    DeadLetterGroups,
    DeadLetterList,
    DeadLetterOut,
    Name,
)
from services.api.routes.documented import problems
from services.api.service import ApiServices

MOST_GROUPS = 1000


class DeadLetterSelection(BaseModel):
    """Which dead letters."""

    model_config = ConfigDict(extra="forbid")

    queue: Name | None = None
    error_class: Name | None = None
    error_code: Name | None = None
    type: Name | None = Field(None, description="The message's type.")
    replayed: bool = Field(False, description="Those that were replayed, not those that wait.")


class DeadLetterQuery(DeadLetterSelection):
    """Which dead letters to list."""

    limit: int = Field(50, ge=1, le=200)
    cursor: str | None = Field(None, description="`next_cursor` of the page before.")


def dead_letter_routes(services: ApiServices) -> APIRouter:
    """The store of dead letters."""
    router = APIRouter(
        prefix="/v1/dead-letters", tags=["operations"], dependencies=[needs(Scope.OPERATE)]
    )

    @router.get(
        "",
        summary="Dead letters, newest first",
        description="Those that wait for somebody; `replayed=true`: those that were replayed.",
        responses={200: {"model": DeadLetterList}, **problems(422)},
    )
    async def list_dead_letters(query: Annotated[DeadLetterQuery, Query()]) -> Response:
        letters = await services.dead_letters.list_by(_filter(query))
        more = len(letters) > query.limit
        return answer(
            {
                "items": [dead_letter_summary(letter) for letter in letters[: query.limit]],
                "next_cursor": cursor_of_seq(letters[query.limit - 1].seq) if more else None,
            }
        )

    @router.get(
        "/groups",
        summary="How many of each kind, by queue and reason",
        responses={200: {"model": DeadLetterGroups}, **problems(422)},
    )
    async def list_groups(query: Annotated[DeadLetterSelection, Query()]) -> Response:
        groups = await services.dead_letters.list_groups(
            DeadLetterFilter(limit=MOST_GROUPS, **query.model_dump())
        )
        return answer({"items": [dead_letter_group(group) for group in groups]})

    @router.get(
        "/{letter_id}",
        summary="One dead letter, with headers and body",
        responses={200: {"model": DeadLetterOut}, **problems(404)},
    )
    async def get_dead_letter(letter_id: LetterId) -> Response:
        return answer(dead_letter_json(await services.dead_letters.get(letter_id)))

    return router


def _filter(query: DeadLetterQuery) -> DeadLetterFilter:
    """One more than is shown is read, to know whether there is a next page."""
    which = query.model_dump(exclude={"limit", "cursor"})
    return DeadLetterFilter(limit=query.limit + 1, before=seq_of_cursor(query.cursor), **which)
