"""Client: how the Hub's client connects, whose own requests wait for an answer for ever."""

from functools import cache

import httpx2
from huggingface_hub import set_client_factory
from huggingface_hub.utils._http import default_client_factory

from flows.http.patient_backend import PatientBackend


@cache
def bound_waiting() -> None:
    """Let no request of the Hub's client wait for ever, for silence or for what drips.

    Where Xet is in use, files come and go by a program of its own, which has bounds of its own.
    """
    set_client_factory(make_patient_client)


def make_patient_client() -> httpx2.Client:
    """Make the client that the Hub's library would make, its proxies included, but patient."""
    client = default_client_factory()
    for transport in (client._transport, *client._mounts.values()):  # noqa: SLF001  # see below
        # Neither library lets the connections alone be chosen: who hands over a transport gets no
        # proxies of the environment.
        pool = getattr(transport, "_pool", None)
        if pool is not None:
            pool._network_backend = PatientBackend(pool._network_backend)  # noqa: SLF001
    return client
