"""English. Cues of an order to stop, and of an answer for an agent."""

from __future__ import annotations

STOP = (
    (
        5,
        (
            r"{no_subject}\b{halt}(?: (?:off|it|out|down|working on|work on|with|on|the"
            r"|to))* (?:the|that|this|those|these|my|our|it|them|@|&|everything|all|whatever|what"
            r"|anything)(?=$| )"
        ),
        (
            r"^(?!.*\b(?:sign|button)\b)(?!.*\b{halt} (?:the|that) (?:\w+ )?(?:thought|bus|car"
            r"|music)\b)"
        ),
    ),
    (
        5,
        r"\b(?:call|pull|take|get)(?: \S+){,6} (?:off|the plug|back|away from)\b",
        r"{no_subject}\b(?:call|pull|take|get) (?:the|that|this|it|@|off|back)",
    ),
    (
        5,
        (
            r"(?:@|&|\b(?:everyone|everybody|guys|all of (?:you|them)))(?: ,| please| all| now"
            r"| just| can| should| must| needs? to| has to| may)* (?:stop|halt|quit|abort|cease"
            r"|give (?:it )?up|stand down|knock it off|pack it in|call it a day|down tools|leave it"
            r"|wind down|wrap it up|cut it out|hold off|lay off|back off)\b"
        ),
    ),
    (
        5,
        (
            r"{no_subject}\b(?:tell|ask|have|get|make|let|order|want|need)\b(?: \S+){,2} (?:@"
            r"|&)(?: to| that| it| should| can| just| please| ,)* {give_up}"
        ),
    ),
    (5, r"@(?: ,| please| should| can| could| must| needs to| has to| may| just| now)+ {give_up}"),
    (
        5,
        (
            r"\b(?:can|could|would|will) you\b(?: \S+){,6} (?:stop|cancel|abort|kill|halt|scrap"
            r"|ditch|terminate|call off|shut down|pull the plug on|end|abandon|drop) (?:the|that"
            r"|this|my|our|it|@|everything|all)"
        ),
    ),
    (
        5,
        (
            r"\b(?:i|we) (?:don't|do not|no longer|won't)(?: really)? (?:need|want"
            r"|care about)\b(?: \S+){,10} (?:any ?more|any longer|done|after all|now)\b"
        ),
        r"{a_task}|@|\b(?:stop|cancel|drop|leave)\b",
    ),
    (
        5,
        (
            r"\b(?:no need|there's no need|needn't|no longer (?:needed|necessary|required)"
            r"|not needed|isn't needed|aren't needed|don't need to|is not needed|needn't)\b"
        ),
        r"{a_task}|@|\b(?:stop|cancel|drop|leave)\b",
    ),
    (
        5,
        (
            r"(?:the|that|this|my|our) (?:\S+ ){1,6}(?:can|should|must|needs to|has to"
            r"|ought to) (?:be )?(?:stopped|cancel(?:l?ed)?|aborted|killed|halted|scrapped|dropped"
            r"|ended|called off|shut down|stop now|stop)\b"
        ),
        r"^(?!.*\b(?:i wish|they|people)\b)",
    ),
    (
        5,
        (
            r"\b(?:i(?:'d| would) like|i want|i need|please have|i'd rather have) (?:the|that|this"
            r"|my|our|@) ?(?:\S+ ){,6}(?:to (?:stop|be)|stopped|cancel(?:l?ed)?|aborted|killed"
            r"|halted|scrapped|dropped|called off|shut down)\b(?=$| ,| please| now| stopped"
            r"| cancelled)"
        ),
    ),
    (
        5,
        (
            r"{no_subject}\b(?:shut|call|cut|wind|break|pull|knock|switch|turn|take"
            r"|bring)(?: (?!the (?:music|light|lights|tv|radio|heat|heating|volume|kettle"
            r"|oven)\b)\S+){1,6} (?:off|down|short|to (?:a halt|an end|a stop))(?=$| ,| please"
            r"| now)"
        ),
        r"{a_task}|@|&|\b(?:call|cut|shut|wind|pull) (?:the|that|this|it)\b",
        r"^(?!.*\b(?:light|lights|music|heating|tv|radio|oven)\b)",
    ),
    (
        5,
        (
            r"\b(?:is|are)(?:n't| not| no longer) (?:needed|necessary|required|wanted"
            r"|relevant)(?: any ?more| any longer| now)?\b"
        ),
        r"\b(?:any ?more|any longer|no longer|now)\b|{a_task}|@",
    ),
    (
        5,
        r"\b(?:never mind|enough (?:of|with)|no more|that's enough|that'll do|that will do)\b",
        (
            r"\b(?:drop|stop|cancel|leave|quit|task|job|search|work)\b|\b(?:enough (?:of|with)"
            r"|no more) (?:the|that|this)\b"
        ),
    ),
    (
        5,
        (
            r"\b(?:let's|let us|please|just|can we|could we|we can|you can|you may"
            r"|you might as well|time to|i'd like to|i want to|we should probably"
            r"|go ahead and)\b(?: \S+){,2} (?:stop|cancel|kill|abort|halt|scrap|ditch|bin|axe"
            r"|call off|shut down|pull the plug on|terminate|abandon|end|drop|shelve|can|nix|call"
            r"|shut|cut|wind)\b(?: \S+){1,6}"
        ),
        r"{a_task}|@|&|\b(?:off|down|short)(?=$| ,)",
        r"^(?!.*\b(?:subscription|membership|sugar|smoking|lights?|music)\b)",
    ),
    (
        5,
        (
            r"^(?:that's|that is|that'll be)? ?(?:enough|it|all)(?: now| of that| already)*,? ?(?:@"
            r"|&)(?=$| ,| now)|{no_subject}\blet (?:the|that|this|my|our) (?:\S+ ){1,6}(?:go|drop"
            r"|rest|lie|die|be)(?=$| ,| please)|{no_subject}\b(?:withdraw|retract|revoke|rescind"
            r"|recall|take back) (?:the|that|this|my|our) (?:\S+ )?(?:order|task|job|request|work"
            r"|assignment)\b|{start}(?:quit|stop|cease) (?:doing|working on|running|with) (?:the"
            r"|that|this|my|our|it|@)"
        ),
    ),
    (
        5,
        (
            r"\b(?:i|we) (?:don't|do not|won't|no longer)(?: really)? need\b(?: \S+){1,8} after"
            r" all\b|^(?:please )?(?:hold|freeze|halt) (?:everything|it all|all|it)(?: please"
            r"| now)?$|{no_subject}\b(?:get rid of|strike|rein in|cease|bin|delete) (?:the|that"
            r"|this|my|work on the) (?:\S+ ){,4}?(?:tasks?|jobs?|work|run)\b"
            r"|{no_subject}\bcease (?:all )?work\b|\brein in {one}"
        ),
    ),
    (
        6,
        r"{one}",
        (
            r"\b(?:it|he|she|they) (?:should|must|can|has to|needs to|is to) (?:stop|quit"
            r"|give up)\b(?! \w+ing)"
        ),
        r"^(?!.*\b(?:said|says|told)\b)",
    ),
    (
        5,
        (
            r"\b(?:i want|i'd like|i need)\b(?: \S+){,4} (?:everything|it all|it|all of it|that"
            r"|them)(?: all)? (?:to stop|stopped|cancelled|to end)\b"
        ),
    ),
    (
        5,
        (
            r"^(?:please |okay |ok |now )*(?:stop|quit|cease) (?!worrying|laughing"
            r"|kidding)\w+ing(?: (?:for|on|at|the|that|with) .+)?$"
        ),
    ),
    (
        5,
        (
            r"^(?:the|that|this|my|our) (?:\S+ ){1,4}(?:is|are|has been|'s) (?:cancelled|canceled"
            r"|off|scrapped|called off|obsolete|history|dead|no longer urgent)(?=$| ,)"
        ),
        r"^(?!.*\b(?:flight|train|concert|party|school|meeting|match|bus|class)\b)",
    ),
)
REPLY = (
    (
        5,
        (
            r"{no_subject}\b(?:answer|reply|respond|respond to|write back"
            r"|get back)\b(?: to)?(?: \S+){,2} (?:@|it|him|her|them|the question|that question)\b"
        ),
    ),
    (
        5,
        (
            r"\b(?:let|tell|inform|write) (?:@|it|him|her|them)(?: know)? (?:know|back|yes|no"
            r"|that's fine|that is fine|it's (?:fine|ok|okay|the)|go ahead|the answer)\b"
        ),
        r"^(?!.*\b(?:i|we|he|she) (?:let|tell|told))",
    ),
    (
        5,
        (
            r"\b(?:my|the) (?:answer|reply|response)(?: (?:to|for) (?:@|it|him|her|that|(?:the|its"
            r"|his|their) \w+(?: question)?|(?:its|his|her|their) question))*(?: is| would be|'s"
            r"| ,)"
        ),
    ),
    (
        5,
        (
            r"(?:^|, )(?:as for|to|about|in (?:answer|reply|response) to|re|regarding) (?:@|its|his"
            r"|her|their|the) (?:\S+ )?question\b"
        ),
    ),
    (4, r"\b(?:pass on|relay|say)(?: back)? to (?:@|it|him|her|them)\b"),
)
