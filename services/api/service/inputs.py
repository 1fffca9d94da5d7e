"""The assets that an input names by id: looked up when it is asked for, not when it is made.

An id is an upload's, a job's (its primary asset), or `<job id>/<n>`. What is found travels with
`media.requested`; what is not, is told at the field that names it.
"""

from collections.abc import Collection, Mapping
from dataclasses import asdict, replace
from typing import Final
from uuid import UUID

from services.api.models import Job, Upload
from services.api.service.asset_places import AssetPlaces
from services.api.service.specification import invalid
from services.api.service.submission import Submission
from services.api.unit_of_work import ApiUnitOfWork, OpenUnitOfWork
from shared.errors import FieldError
from shared.events import InputAsset

MOST_ASSETS: Final = 100
LARGEST_TOTAL: Final = 1024**3
_UNKNOWN = "no such asset: name an upload, a job that is ready, or <job id>/<n>"


class InputAssets:
    """Finds them, for requests of one tenant at a time."""

    def __init__(self, unit_of_work: OpenUnitOfWork) -> None:
        self._unit_of_work = unit_of_work

    async def attached(self, submission: Submission, places: AssetPlaces) -> Submission:
        """The submission with what its input names.

        Raises `InvalidInputError` with every field that names what is not there.
        """
        asked = submission.spec.input
        ids = places.ids_in(asked)
        if not ids:
            return submission
        if len(ids) > MOST_ASSETS:
            raise invalid([FieldError("/input", f"names more than {MOST_ASSETS} assets")])
        async with self._unit_of_work() as work:
            found, problems = await _looked_up(work, submission.origin.tenant, ids)
        if errors := places.errors(asked, problems) if problems else []:
            raise invalid(errors)
        total = sum({asset.sha256: asset.size for asset in found.values()}.values())
        if total > LARGEST_TOTAL:
            told = f"names assets of {total:,} bytes together, {LARGEST_TOTAL:,} are allowed"
            raise invalid([FieldError("/input", told)])
        return replace(submission, inputs=found)


async def _looked_up(
    work: ApiUnitOfWork, tenant: str, ids: Collection[str]
) -> tuple[dict[str, InputAsset], dict[str, str]]:
    """What was found, and why the rest was not; both by asset id."""
    owners = {asset_id: UUID(asset_id.partition("/")[0]) for asset_id in ids}
    uploads = {one.id: one for one in await work.uploads.list_by_ids(tenant, [*owners.values()])}
    others = [owner for owner in owners.values() if owner not in uploads]
    jobs = {job.id: job for job in await work.jobs.list_by_ids(tenant, others)} if others else {}
    found: dict[str, InputAsset] = {}
    problems: dict[str, str] = {}
    for asset_id, owner in owners.items():
        match _asset(asset_id, uploads.get(owner), jobs.get(owner)):
            case InputAsset() as asset:
                found[asset_id] = asset
            case str() as problem:
                problems[asset_id] = problem
    return found, problems


def _asset(asset_id: str, upload: Upload | None, job: Job | None) -> InputAsset | str:
    """The asset of that id, or what is wrong with it."""
    index = asset_id.partition("/")[2]
    if upload is not None:
        return InputAsset.model_validate(asdict(upload)) if not index else _UNKNOWN
    if job is None:
        return _UNKNOWN
    if not job.assets:
        when = "has ended without assets" if job.status.final else "is not ready yet"
        return f"the job {job.id} {when}: it is {job.status.value}"
    if not index:
        return _primary(job)
    if int(index) < len(job.assets):
        return InputAsset.model_validate(job.assets[int(index)])
    return f"the job {job.id} has assets 0 to {len(job.assets) - 1}"


def _primary(job: Job) -> InputAsset | str:
    roles: Mapping[str, int] = {
        asset["role"]: index for index, asset in reversed([*enumerate(job.assets)])
    }
    if "primary" not in roles:
        return f"the job {job.id} has no primary asset"
    return InputAsset.model_validate(job.assets[roles["primary"]])
