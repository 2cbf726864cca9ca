"""The pipeline: read, find, merge."""

from collections.abc import Mapping

from aiwebhook_agents.extraction.actions import ActionFinder
from aiwebhook_agents.extraction.conversation import ParsedConversation
from aiwebhook_agents.extraction.decisions import DecisionFinder
from aiwebhook_agents.extraction.items import Finding, merge_repeated
from aiwebhook_agents.extraction.remarks import find_remarks


def extract(chunks: tuple[Mapping[str, object], ...]) -> list[Finding]:
    """Everything worth remembering, in the order in which it was said. Deterministic."""
    talk = ParsedConversation.read(chunks)
    found = [*DecisionFinder(talk).find(), *ActionFinder(talk).find()]
    taken = {(sentence.chunk_id, sentence.start) for item in found for sentence in item.at}
    found += find_remarks(talk, taken)
    order = {(s.chunk_id, s.start): number for number, s in enumerate(talk.sentences)}
    found.sort(key=lambda item: (order[item.at[0].chunk_id, item.at[0].start], item.kind))
    return merge_repeated(found)
