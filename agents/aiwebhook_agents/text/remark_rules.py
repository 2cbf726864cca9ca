"""What people say when they wonder, warn, dream or state a figure: rules as data."""

import re

from aiwebhook_agents.text.rules import TextRule, rule

IDEAS: tuple[TextRule, ...] = (
    rule(
        "idea",
        "has an idea",
        r"\b(?:an|one|another|nice|good|great|crazy|my|the) idea\b|\bwhat if\b|\bhow about\b|"
        r"\bwe could (?:also|maybe|just|"
        r"even|later|use|build|add|put|offer|let|make|do|try|have|start|ask|run|show)\b|\bmaybe "
        r"we (?:could|should)\b|"
        r"\bi'd maybe\b|\b(?:it|that|this)(?: would|'d) be (?:a )?(?:nice|cool|great|good|lovely|"
        r"amazing|fun)\b|"
        r"\bwould be a (?:nice|cool|great|good) (?:thing|feature|addition)\b|\bwhat about (?:\w+ "
        r")?\w+\?.*\blike\b|"
        r"\bi'd (?:suggest|propose|show|recommend)\b|\bwe (?:should|might) (?:also )?(?:consider|"
        r"think about|look at|try)\b",
        0.6,
        r"\b(?:no|any) idea\b|\bgood idea[.!]?$|\bnice idea[.!]?$|^(?:that's|it's|oh,? that's) "
        r"an? \w+ idea\b|"
        r"\bwould be (?:great|good|nice|lovely|amazing|perfect)[.!]?$|\bidea (?:what|how|why|"
        r"where|if)\b",
    ),
)

RISKS: tuple[TextRule, ...] = (
    rule(
        "risk",
        "names a risk",
        r"\brisks?\b|\brisky\b|\bdanger\b|\bmy (?:worry|concern|fear)\b|\b(?:i'm|i am|we're|"
        r"makes me) (?:\w+ )?(?:\w+ )?"
        r"(?:worried|afraid|concerned|nervous|scared)\b|\b(?:we|you) (?:then )?have a problem\b|"
        r"\b(?:could|might|may|will|would)"
        r" (?:actually |then |even |easily |also )?(?:break|fail|fill up|crash|leak|get sued|"
        r"blow up|run out|go down|"
        r"burn|lose|cost us|slip|not work|be wrong|be too late|look at somebody else|hurt|kill|"
        r"bite us)\b|"
        r"\b(?:single point of failure|bottleneck|blocker|deal[- ]?breaker|showstopper)\b|"
        r"\bworst case\b|"
        r"\b(?:nobody|no one) (?:notices|would notice|knows)\b|\bif .{3,80}, we(?:'re| are) "
        r"(?:stuck|dead|screwed|in trouble)\b|"
        r"\b(?:is|was) a (?:real )?(?:problem|concern|worry) for\b",
        0.7,
        r"\bno risk\b|\bwhich risks\b|\bany (?:risks|blockers)\b|\brisk register\b|\bnot (?:a|"
        r"worried|afraid)\b|"
        r"^\w+ had the\b|\bi'm afraid (?:not|so|i)\b|\?$",
    ),
)

OPEN_RULES: tuple[TextRule, ...] = (
    rule(
        "question",
        "says that it is open",
        r"\b(?:open|unanswered|unresolved) (?:question|issue|point)|\b(?:still|remains?|stays?|"
        r"left) (?:an? )?open\b|\bwhat is open\b|"
        r"\b(?:i|we) (?:don't|do not) (?:yet )?know(?: yet)? (?:if|whether|how|what|when|who|why|"
        r"where|which)\b|"
        r"\bnot (?:\w+ )?sure (?:if|whether|how|what|about|which)\b|\b(?:isn't|is not|not|hasn't "
        r"been) (?:yet )?decided\b|"
        r"\bhaven't (?:decided|answered)\b|\bwe need to (?:find out|figure out|clarify|decide)\b|"
        r"\bto be decided\b|\btbd\b|"
        r"\bnobody knows\b|\bwhat i'm not sure about\b|\bthe question is\b",
        0.7,
        r"\bi don't know (?:what|how) (?:to say|you do it)\b|\bnot sure what you mean\b",
    ),
)

FACT = re.compile(
    r"\b(?:is|are|was|were|has|have|had|costs?|takes?|uses?|needs?|gets?|got|comes? from|"
    r"contains?|supports?|"
    r"includes?|lies?|stores?|handles?|holds?|serves?|weighs?|lasts?|measured|finished|found|"
    r"deployed|merged|means|wants?)\b"
)

NUMBER = (
    r"(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fifteen|sixteen|twenty|"
    r"thirty|forty|fifty|"
    r"sixty|seventy|eighty|ninety|half|a third|a quarter)"
)

QUANTITY = re.compile(
    rf"\d|\b(?:hundred|thousand|million|percent)\b|\b{NUMBER}(?:[ -]\w+)? (?:percent|days?|"
    rf"weeks?|months?|hours?|years?|"
    r"euros?|dollars?|cents?|customers?|people|users?|teams?|sites?|gigabytes?|kilos?|tonnes?|"
    r"times|of (?:the|our|them))\b"
)
