"""The published language as documents: JSON Schemas, AsyncAPI, topology.

Made from shared/events and shared/messaging/topology.py and nothing else, so that they cannot say
anything that the code does not do. The api serves the AsyncAPI document; tests/contract keeps
committed copies of all of them and compares.
"""

from shared.contracts.asyncapi import asyncapi_document
from shared.contracts.schemas import envelope_schema, message_schema, schema_file_name
from shared.contracts.topology import topology_document

__all__ = [
    "asyncapi_document",
    "envelope_schema",
    "message_schema",
    "schema_file_name",
    "topology_document",
]
