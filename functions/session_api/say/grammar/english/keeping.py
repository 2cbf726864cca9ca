"""English. What is kept, and the session in which."""

from __future__ import annotations

REMEMBER = (
    (
        r"(?:i have|i've got|we have|here'?s(?: an?)?|here is(?: an?)?|new|another|add"
        r"|add an?|note|note"
        r" an?|save(?: as)? an?|store an?|record an?|make an?|write down an?|put down"
        r" an?) (?:new )?(?P<memory>{things})(?: (?:is|that|to|for me to|of"
        r" mine))?[,:]? (?P<text>.+)"
    ),
    r"(?:one|an?|the) (?:open )?(?P<memory>{things})[,:] (?P<text>.+)",
    r"(?:my|our) (?P<memory>{things})(?: (?:is|are))?[,:]? (?:that |to )?(?P<text>.+)",
    (
        r"(?:open )?(?P<memory>decision|idea|question|action item|to-? ?do|fact|note"
        r"|preference|risk|reminder)(?! (?:marks?|taking|books?|makers?|making)\b)"
        r"(?::|,| -| is| that)? (?P<text>.+)"
    ),
    r"(?:memo|note)(?: (?:to|for) (?:myself|me|self|us))?[,:]? (?P<text>.+)",
    (
        r"(?:add|put|write|note) (?P<text>.+?) (?:to|on|in|onto|into) (?:my|the|our) "
        r"(?P<memory>{things}|list)(?: list)?"
    ),
    (
        r"(?:add|put|write|note)(?: down)? (?:to|on|in|into) (?:my|the|our) (?:{things}"
        r"|(?:to-? ?do )?list)(?: that)?[,:]? (?P<text>.+)"
    ),
    r"remind me (?:to|that|of) (?P<todo>.+)",
    (
        r"remind me (?P<todo>(?:tomorrow|tonight|today|later|next \w+|(?:on|at|in) .+?)"
        r"(?: \w+)? (?:to|that|of|about) .+)"
    ),
    (
        r"(?:(?:don't|do not) let me forget|make sure (?:that )?i (?:don't forget"
        r"|remember))(?: (?:to|that|about))? (?P<todo>.+)"
    ),
    (
        r"(?:we|we've|we have|i've|i have|i) (?:just |finally |now |all )?(?:decided"
        r"|agreed|settled|chose|chosen)(?: (?:that|to|on|upon|for))?[,:]? "
        r"(?P<decided>.+)"
    ),
    (
        r"(?:remember(?! (?:when|how|the time)\b)|note(?: down)?|make a note|take a"
        r" note|write (?:this |that |it )?down|jot (?:this |that |it )?down|save|store"
        r"|keep in mind|keep(?! \w+ing$)|record|log|memori[sz]e|put on record|for the record)(?:"
        r" (?:this|that|it|of|for (?:me|later)|in memory))*(?: that)?[,:]? (?P<text>.+)"
    ),
    r"(?:a |the )?new rule(?: is)?[,:]? (?:that )?(?P<decided>.+)",
    r"(?:it (?:was|is|has been) )?(?:decided|agreed|settled) that (?P<decided>.+)",
    r"put (?:this |that |it )?down[,:]? (?:that )?(?P<text>.+)",
    r"(?:important|attention)[,:]? (?P<text>.+)",
    r"(?:don't|do not|never) forget(?: (?:that|to|about))?[,:]? (?P<text>.+)",
    r"i (?:prefer|always want) (?P<preferred>.+)",
)
SWITCH = (
    (
        r"(?:continue|go on|carry on|resume|proceed|keep going|pick up)(?: with| in)?"
        r" {this}?(?:{session}(?: (?:called|named|about|on|we had about))? )?"
        r"(?P<text>.+?)(?: {session})?(?: again)?"
    ),
    (
        r"(?:switch|go back|return|go|change|jump|take me|bring me|get me)(?: over"
        r"| back)? (?:to|into) {this}?(?:{session}(?: (?:called|named|about|on|from"
        r"|with))? )?(?P<text>.+?)(?: {session})?"
    ),
    r"back to (?:the |our )?(?P<text>.+?)(?: {session})?",
    r"(?:re-?open|open) (?:the |my |our )(?P<text>.+?) {session}(?: again)?",
)
OPEN = (
    (
        r"(?:(?:open|start|create|begin|make|new|set up)(?: up)?(?: me)?(?: an?| the)?"
        r"(?: new| another| fresh)? ?{session})(?: (?:and call it|called|named"
        r"|titled|about|on|for|with the (?:title|name)))?[,:]? ?(?P<text>.*)"
    ),
    (
        r"(?:i (?:need|want)|i(?:'d| would) like|give me|let me have) an? (?:new|fresh"
        r"|separate) {session}(?: (?:called|named|about|on|for))? ?(?P<text>.*)"
    ),
    (
        r"(?:start|begin)(?: over| again| afresh)*,? (?:in|with) an? (?:new|fresh"
        r"|different|clean) {session}(?: (?:about|on|called) (?P<text>.+))?"
    ),
)
REMEMBER_BEHIND = (
    (
        r"(?:as an? (?P<memory>{things}) )?(?P<text>.+?)(?:,| so| and)*(?: please)?"
        r" {imperative}(?:remember|save|note|keep|store|write|put|log|record)"
        r" (?:that|this|it)(?: (?:down|for (?:me|later)|in mind|in (?:my|the) notes"
        r"|on (?:my|the) (?:to-?do )?list))?(?: please)?"
    ),
)
