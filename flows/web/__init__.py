"""The web, asked politely: one request at a time per host, bounded, to public addresses only."""

from flows.web.addresses import NotPublic, is_public
from flows.web.agent import CONTACT, agent
from flows.web.client import Answer, Client, NoAnswer, is_web
from flows.web.pace import Pace, TooBusy

__all__ = [
    "CONTACT",
    "Answer",
    "Client",
    "NoAnswer",
    "NotPublic",
    "Pace",
    "TooBusy",
    "agent",
    "is_public",
    "is_web",
]
