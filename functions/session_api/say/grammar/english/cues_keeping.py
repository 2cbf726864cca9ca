"""English. Cues of what is to be kept, and in which session."""

from __future__ import annotations

REMEMBER = (
    (
        5,
        (
            r"(?:{start}|{no_subject}\b){keep}\b(?! (?:\w+ing|up|on|the (?:dog|noise)|when|how|calm"
            r"|quiet|@|coming|asking|your|an eye|time|him|her|them|it up|track|doing|working)\b)"
        ),
        r"^(?:\S+ ){2,}\S+$",
        r"^(?!.*\b(?:i|we|you|never|always|can't|names?) remember\b)(?!.*\?)",
    ),
    (
        5,
        (
            r"{no_subject}\b(?:add|put|pop|stick|write|jot|throw|bung|chuck|include|enter|place"
            r"|append|drop)\b(?: \S+){1,14} (?:to|on|onto|in|into|down in) (?:my|the"
            r"|our) (?:\w+ )*?(?:list|lists|notes?|memory|record|records|books?|log|diary|file"
            r"|ideas|decisions?|calendar|board)\b"
        ),
    ),
    (
        5,
        r"{no_subject}\b(?:jot|write|put|note|mark|scribble|get|take)(?: \S+){,12} down\b",
        r"^(?!.*\b(?:tone|calm|take (?:the|that) \w+ down)\b)",
    ),
    (
        5,
        (
            r"\b(?:need|want|have|like) (?:you )?to (?:be reminded|remember|remind me|keep in mind"
            r"|make a note|note|not forget)\b|\bremind (?:me|us)\b(?! (?:what|who|where|which|how"
            r"|why|of my|again)\b)|\b(?:give|send) me a (?:reminder|nudge)\b|\b(?:needs?|ought"
            r"|has) to be (?:remembered|noted|recorded|written down|kept)\b|\bi (?:must|mustn't"
            r"|should|shouldn't|can't|better) (?:not )?forget\b"
        ),
    ),
    (
        5,
        (
            r"\b(?:don't|do not|never|not|mustn't) (?:let me |let us |ever )?forget\b|\bbefore (?:i"
            r"|we) forget\b(?!,? (?:ask|tell|have|what|how))|\bso (?:that )?(?:i|we|you"
            r"|it) (?:don't|doesn't|won't|can't) (?:forget|get lost|lose)"
        ),
    ),
    (
        5,
        (
            r"^(?:note|memo|reminder|idea|decision|fact|preference|risk|todo|to-do|to do"
            r"|action item|mental note|side note|rule|new rule|new policy|house rule|for the record"
            r"|for the minutes|for future reference|for (?:my|the|our) (?:notes|records|files)"
            r"|for later|just so (?:you|we|it)|so (?:you|we) know|fyi|for your information|heads up"
            r"|important|worth (?:noting|remembering)|shopping list|on the record|as a (?:note"
            r"|reminder)|one for the)\b(?! (?:of|is (?:that|hard))\b)"
        ),
        r"^(?:\S+ ){3,}\S+$",
        r"^(?!.*\b(?:courage|therapist)\b)",
    ),
    (
        5,
        (
            r"{start}(?:we|we've|i've|we have|i have|i|it's been|it was|it is)(?: (?:just|now"
            r"|finally|all|both|have|had|been|'ve))* (?:decided|agreed|settled|resolved|concluded"
            r"|chosen|chose|picked|voted|going with|gone with|went with|landed on|opted|determined"
            r"|made up (?:my|our) minds?|made a decision|fixed)\b"
        ),
        r"^(?!(?:what|when|why|who|which|where|did|have|how)\b)(?!.*\b(?:never|almost)\b)",
    ),
    (
        5,
        (
            r"\b(?:decided|agreed|settled|official|resolved)(?: then)?(?: ,)? (?:we|the|that|it's"
            r"|on|to|is)\b"
        ),
        (
            r"^(?:it's |it is |that's |so |okay |it has been )*(?:decided|agreed|settled|official"
            r"|resolved)\b"
        ),
    ),
    (
        5,
        (
            r"^(?:from now on|going forward|as of (?:now|today|\w+)|starting (?:now|today|\w+day)"
            r"|in future|henceforth)\b"
        ),
        r"\b(?:we|i|the|no|all|every|our)\b",
        r"^(?!.*@)",
    ),
    (
        4,
        (
            r"\b(?:remember|save|note|keep|store|log|record|file) (?:that|this|it)(?: (?:down"
            r"|for (?:me|later|us)|somewhere|safe|in mind|please|as an? \w+|under \w+))*(?=$| ,)"
        ),
        r"^(?!.*\b(?:i|we|you|to|do|don't|can't|never) (?:remember|note|keep) (?:that|this|it))",
    ),
    (
        4,
        (
            r"\b(?:i|we) (?:always |much |really |generally |usually )*(?:prefer|like (?:my|our"
            r"|it better)|would rather|'d rather|want (?:all|my|every))\b"
        ),
        r"\b(?:always|over|rather|than|instead|from now on|in future|never|prefer)\b",
        r"^(?!.*@)",
    ),
    (5, r"\bmake sure (?:that )?(?:you|i|we) (?:remember|don't forget|keep in mind|note)\b"),
    (
        6,
        (
            r"\blet the record (?:show|state|reflect)\b|\b(?:hang|hold) on to (?:this|that)\b"
            r"|\b(?:take|make) (?:a )?note\b(?! of (?:how|that smell))|\bi (?:should|must|need to"
            r"|want to|ought to) be reminded\b|\b(?:final|new|our|latest) (?:decision|rule"
            r"|agreement|policy|plan)(?: is|'s| then| :)(?: that)?\b"
        ),
    ),
    (
        5,
        (
            r"{start}(?:we're|we are|i'm|i am|we'll be|we'll) (?:going|sticking|settling"
            r"|moving ahead|going ahead) (?:with|on|for)\b"
        ),
        r"^(?!.*\b(?:where|what|which)\b)",
    ),
    (
        4,
        (
            r"\b(?:remember|note|write (?:it|this|that)? ?down|jot|record|memori[sz]e|keep (?:track"
            r"|a note|a record|in mind)|bear in mind|take down|on (?:the|my|our) (?:\w+ )?list"
            r"|for the record|make a note)\b"
        ),
        (
            r"\b(?:please|you|can you|could you|needs? to|must|have to|should|let's|want|i'd like"
            r"|gotta|better)\b"
        ),
        (
            r"^(?!.*\b(?:i|never|nobody|who|people|we|you) remember\b)(?!(?:what|who|when|where"
            r"|which|how|why|do|did|is|are|find|show|read|search|can you (?:find|show|read"
            r"|remember)|could you (?:find|show|read))\b)(?!.*\b(?:used to|was|were|had"
            r"|forgot)\b)(?!.*(?:@|&) (?:to|should))"
        ),
    ),
    (
        5,
        (
            r"{no_subject}\b(?:create|make|leave|add|set|drop|write|start|take|open)(?: me"
            r"| down)? (?:a|an|another|one more) (?:\w+ )?(?:note|reminder|memo|entry|record)\b"
        ),
        r"^(?!.*(?:@|&))",
    ),
    (
        5,
        (
            r"\b(?:mustn't|must not|can't|shouldn't|don't) (?:let (?:that|it|this) )?(?:get lost"
            r"|be forgotten|slip|get forgotten)\b|\bget (?:it|this|that) into your head\b"
            r"|\bremind(?:ing)? me (?:about|of|to|that)\b|\b(?:missing (?:from|on)|goes on|go on"
            r"|belongs on|should be on|has to go on|item for|to) (?:the|my|our) (?:[\w-]+ )?list\b"
        ),
        (
            r"^(?!(?:what|who|which|how|when|where|do|did|is|are)\b)(?!.*\bremind me of (?:my"
            r"|the) \w+$)"
        ),
    ),
    (
        5,
        (
            r"\bthat's (?:settled|decided|final|official|agreed|a deal|fixed)\b|\bi (?:like|love"
            r"|want|prefer) (?:it|them|things) (?:better|best|more|most)? ?(?:when|if|to be)\b"
        ),
    ),
    (
        5,
        (
            r"^for (?:posterity|the minutes|the record|the file|our records|the books|reference"
            r"|(?:my|our|your) (?:information|memory|archive))\b|^(?:new|our new|latest"
            r"|another) (?:agreement|arrangement|rule|policy|deal|resolution|decision|fact"
            r"|preference|insight)\b|\bso (?:that )?(?:you|we|i)(?:'ll| will)? (?:know|remember"
            r"|have it)(?: it)?(?: later| then)?\b"
        ),
    ),
    (
        9,
        r"\bremind me (?:of|about) (?:the|my|our) .+ (?:on|at|in|tomorrow|tonight|next|this) ?\w*$",
    ),
)
OPEN = (
    (
        4,
        r"{session}\b",
        r"\b(?:new|fresh|separate|another|blank|clean|own|different|extra)\b",
        (
            r"\b(?:start|open|create|begin|make|set|give|need|want|like|have|let's|called|for|named"
            r"|call|about|kick|spin|launch|please|on|put|get|fire)\b"
        ),
    ),
    (
        4,
        (
            r"{start}(?:open|start|create|begin|make|set up|spin up|launch|kick off|fire up)(?: up"
            r"| me| us)* an? (?:\w+ ){,3}{session}\b"
        ),
    ),
    (
        4,
        r"{no_subject}\b(?:open|start|create|begin|set up|spin up)\b(?: \S+){,4} {session}\b",
        r"\b(?:a|an|new)\b",
    ),
)
SWITCH = (
    (
        4,
        r"{session}\b",
        (
            r"\b(?:switch|back|return|resume|continue|jump|move|hop|pick up|carry on|reopen|change"
            r"|take me|get me|over to|into)\b"
        ),
        r"^(?!.*\bnew (?:{session}))",
    ),
    (
        4,
        (
            r"(?:{start}|\b(?:can|could|shall|let's|i'd like to|i want to|let) (?:you|we|us"
            r"|me)? ?)(?:switch|go back|return|jump|hop|move|flip|skip|head|get back|swing|pop"
            r"|circle back|change|take me|bring me|get me|pick up|carry on|back"
            r"|over)\b(?: \S+){,3} (?:to|into|with|on|in|where)\b(?: \S+){1,7}$"
        ),
        r"\b(?:back|switch|over|again|resume|return|jump|hop|carry on|pick up|left off)\b",
        r"^(?!.*(?:@|\byou\b.*\b(?:fix|write)\b))",
    ),
    (
        4,
        r"\bwhere (?:we|i|were we|was i) ?(?:left off|were|was|stopped|with)?\b",
        r"\b(?:pick up|carry on|continue|resume|back|go on)\b",
    ),
    (
        4,
        (
            r"\blet's (?:talk|chat|speak|go on|continue|carry on|discuss)\b(?: \S+)*? (?:about|with"
            r"|on) (?:\S+ ){1,5}(?:again|some more|instead)$"
        ),
    ),
)
