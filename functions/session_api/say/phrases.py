"""What this door says itself, in each language. What agents report is spoken in their own words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

PHRASES: Mapping[str, Mapping[str, str]] = {
    "en": {
        "no_words": "I did not hear anything. Please say it again.",
        "noted": "I noted that.",
        "give": "I noted that. Shall I give it to {options}?",
        "given": "I gave it to {agent}.",
        "give_whom": "Who should do it: {options}?",
        "no_agent": "No agent can do that here.",
        "kept_decision": "I noted the decision.",
        "kept_action_item": "I noted it as something to do.",
        "kept_idea": "I noted the idea.",
        "kept_question": "I noted the question.",
        "kept_risk": "I noted the risk.",
        "kept_preference": "I noted what you prefer.",
        "kept": "I will remember that.",
        "nothing_found": "I found nothing about that.",
        "cancel": "Cancel {options}? Say yes.",
        "cancel_which": "I can cancel one at a time. Which one: {options}?",
        "cancelled": "I cancelled it.",
        "stopping": "I asked {agent} to stop.",
        "nothing_runs": "Nothing is running that I can cancel.",
        "unknown_task": "No running task has that name. I noted what you said.",
        "all_right": "All right, I will leave it.",
        "nothing_asked": "I did not ask you anything.",
        "passed_on": "I passed it on to {agent}.",
        "reply_which": "Who is that for: {options}?",
        "nobody_asks": "No agent has a question. I noted what you said.",
        "nothing_new": "There is nothing new.",
        "running": "There is nothing new. {agents} at work.",
        "pending_task": "{agent} has not started on it yet.",
        "running_task": "{agent} is at work on it.",
        "asking_task": "{agent} has a question.",
        "no_task": "No task has that name.",
        "more_news": "There are {count} more.",
        "one_more": "There is one more.",
        "opened": "I opened the session {title}.",
        "opened_untitled": "I opened a new session.",
        "in_session": "We continue in the session {title}.",
        "no_session": "No session has that name. Say new session to open one.",
        "which_session": "Which one: {options}?",
        "no_more": "That was all.",
        "said_nothing": "I have not said anything yet.",
        "or": "or",
        "is": "is",
        "are": "are",
        "and": "and",
        "day": "Spoken on {day}",
        "away": "That did not work. Please say it again in a minute.",
        "refused": "That did not work.",
        "ended": "That has ended already.",
        "working": "I am still at it. Ask me again in a moment.",
    },
    "de": {
        "no_words": "Ich habe nichts verstanden. Sag es bitte noch einmal.",
        "noted": "Ich habe das notiert.",
        "give": "Ich habe das notiert. Soll ich es an {options} geben?",
        "given": "Ich habe es an {agent} gegeben.",
        "give_whom": "Wer soll das machen: {options}?",
        "no_agent": "Hier kann das kein Agent.",
        "kept_decision": "Ich habe die Entscheidung notiert.",
        "kept_action_item": "Ich habe es als Aufgabe für dich notiert.",
        "kept_idea": "Ich habe die Idee notiert.",
        "kept_question": "Ich habe die Frage notiert.",
        "kept_risk": "Ich habe das Risiko notiert.",
        "kept_preference": "Ich habe notiert, was du lieber magst.",
        "kept": "Ich merke mir das.",
        "nothing_found": "Dazu habe ich nichts gefunden.",
        "cancel": "Soll ich {options} abbrechen? Sag ja.",
        "cancel_which": "Ich breche eins nach dem anderen ab. Welches: {options}?",
        "cancelled": "Ich habe es abgebrochen.",
        "stopping": "Ich habe {agent} gebeten aufzuhören.",
        "nothing_runs": "Es läuft nichts, was ich abbrechen könnte.",
        "unknown_task": "So heißt keine laufende Aufgabe. Ich habe notiert, was du gesagt hast.",
        "all_right": "Gut, ich lasse es.",
        "nothing_asked": "Ich hatte nichts gefragt.",
        "passed_on": "Ich habe es an {agent} weitergegeben.",
        "reply_which": "Für wen ist das: {options}?",
        "nobody_asks": "Kein Agent hat eine Frage. Ich habe notiert, was du gesagt hast.",
        "nothing_new": "Es gibt nichts Neues.",
        "running": "Es gibt nichts Neues. {agents} bei der Arbeit.",
        "pending_task": "{agent} hat noch nicht damit angefangen.",
        "running_task": "{agent} arbeitet noch daran.",
        "asking_task": "{agent} hat eine Frage.",
        "no_task": "So heißt keine Aufgabe.",
        "more_news": "Es gibt {count} weitere.",
        "one_more": "Es gibt noch eine weitere.",
        "opened": "Ich habe die Sitzung {title} eröffnet.",
        "opened_untitled": "Ich habe eine neue Sitzung eröffnet.",
        "in_session": "Wir machen in der Sitzung {title} weiter.",
        "no_session": "So heißt keine Sitzung. Sag neue Sitzung, um eine zu eröffnen.",
        "which_session": "Welche: {options}?",
        "no_more": "Das war alles.",
        "said_nothing": "Ich habe noch nichts gesagt.",
        "or": "oder",
        "is": "ist",
        "are": "sind",
        "and": "und",
        "day": "Gesprochen am {day}",
        "away": "Das hat nicht geklappt. Sag es bitte in einer Minute noch einmal.",
        "refused": "Das hat nicht geklappt.",
        "ended": "Das ist schon zu Ende.",
        "working": "Ich bin noch dabei. Frag mich gleich noch einmal.",
    },
}
_ARTICLE = "the "


class Phrasebook:
    """The phrases of one language."""

    def __init__(self, language: str) -> None:
        self.language = language if language in PHRASES else "en"
        self._phrases = PHRASES[self.language]

    def __call__(self, name: str, **words: object) -> str:
        """A phrase with its words filled in, its first letter large. Raises KeyError."""
        text = self._phrases[name].format(**words)
        return text[:1].upper() + text[1:]

    def kept(self, memory: str) -> str:
        """That a memory of this type was stored."""
        name = f"kept_{memory}"
        return self(name if name in self._phrases else "kept")

    def agent(self, title: str) -> str:
        """An agent as this language speaks of it: the titles are English."""
        if self.language == "en" or not title.startswith(_ARTICLE):
            return title
        bare = title.removeprefix(_ARTICLE)
        return bare[:1].upper() + bare[1:]

    def options(self, titles: Sequence[str]) -> str:
        """`A, B or C`."""
        return self._joined(titles, self._phrases["or"])

    def working(self, titles: Sequence[str]) -> str:
        """`A is`, `A and B are`."""
        verb = self._phrases["is" if len(titles) == 1 else "are"]
        return f"{self._joined(titles, self._phrases['and'])} {verb}"

    @staticmethod
    def _joined(titles: Sequence[str], last: str) -> str:
        if len(titles) < 2:
            return "".join(titles)
        return f"{', '.join(titles[:-1])} {last} {titles[-1]}"
