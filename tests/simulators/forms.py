"""Multipart forms, read with what Python brings along."""

from dataclasses import dataclass
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import HTTP
from typing import cast

from starlette.requests import Request


@dataclass(frozen=True)
class Part:
    """One field of a form."""

    name: str
    filename: str | None
    media_type: str
    content: bytes

    @property
    def text(self) -> str:
        return self.content.decode()


async def parts_of(request: Request) -> list[Part]:
    """All fields, in order."""
    head = f"Content-Type: {request.headers['content-type']}\r\n\r\n".encode()
    message = BytesParser(policy=HTTP).parsebytes(head + await request.body())
    return [
        Part(
            str(part.get_param("name", header="content-disposition")),
            part.get_filename(),
            part.get_content_type(),
            cast("bytes", part.get_payload(decode=True)),
        )
        for part in message.iter_parts()
        if isinstance(part, EmailMessage)
    ]
