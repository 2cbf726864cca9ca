# reason: one table, whose rows are compared with each other
"""English. Cues of an order to work."""

from __future__ import annotations

DELEGATE = (
    (
        5,
        (
            r"{no_subject}\b{entrust}(?: (?!not\b|but\b|and\b|,)[\w'-]+){,4}? {one} ,? ?(?:to|on"
            r"|onto|for|and|going|started|working|doing|about|if|whether|with|please|at|behind"
            r"|loose|{base})(?=$| )(?!.*\b(?:but|though|and regret\w*)\b)"
        ),
    ),
    (
        5,
        (
            r"{no_subject}\b{entrust}(?: [\w'-]+){1,10}? (?:to|with|by|via|through|past|at|using"
            r"|for) {one}(?=$| )(?! (?:is|was|has)\b)"
        ),
    ),
    (
        5,
        (
            r"\b(?:can|could|would|will|might|may|wouldn't|couldn't|won't) (?:you|we"
            r"|i)\b(?: [\w'-]+){,6} {entrust}(?: [\w'-]+){,6} {one}"
        ),
        r"^(?!.*\b(?:could|can) (?:we|i) (?:ever|have))",
    ),
    (
        5,
        (
            r"{one}(?: really| also| probably| now| ,)* (?:should|must|needs to|has to|ought to"
            r"|is to|had better|'d better|gets to|need to|have to|are to|shall)(?: also| really"
            r"| now| please| just| probably| be the one to)* {base}(?= \S)"
        ),
    ),
    (
        5,
        (
            r"{one}(?: ,| please)* (?:can|could|will|would|might|may)(?: you)?(?: please| now| just"
            r"| also| take| start| go| maybe| kindly| quickly| do| have a| get| handle| look| try"
            r"| you)+\b"
        ),
        r"^(?!.*\b(?:can|could) (?:do|have|get) (?:that|it|this)? ?(?:better|faster|anything))",
    ),
    (
        5,
        (
            r"(?:^|, |\b(?:maybe|perhaps|so|and|then) )(?:can|could|would|will|might|should"
            r"|may) {one}(?: please| maybe| perhaps| just| also| quickly| kindly)* {base}(?= \S)"
        ),
        r"^(?!.*\b(?:ever|really)\b)",
    ),
    (
        5,
        (
            r"{wish}\b(?: (?!not\b|,)[\w'-]+){,4}? {one} (?:to|should|could|would|on|onto|for|take"
            r"|taking|doing|working|looking|{base})(?= )"
        ),
    ),
    (
        5,
        (
            r"(?:^|, |\b(?:hey|so|okay|ok|um|uh|right|well|please|now|and|then|oi|yo|alright"
            r"|listen) )(?<!@ and ){called}(?: ,| please| now| just| quickly| can you| could you"
            r"| go| kindly| mate| dear| buddy)* {base} {object}"
        ),
    ),
    (
        5,
        (
            r"{one} ,? ?(?:new|next|another|here's (?:a|your|another)|i have (?:a|another)"
            r"|i've got (?:a|another)|fresh)(?: new| next| little| quick| small)* (?:job|task|one"
            r"|assignment|project|request|mission)\b"
        ),
    ),
    (
        5,
        (
            r"\b(?:job|task|one|work|assignment|ticket|project|something|mission|this|that"
            r"|it)(?: \S+){,2} (?:for|to) {one}(?=$| ,| :| please| to\b)"
        ),
        r"^(?!.*\b(?:gave|told|was|said|sent|thanks?|news|anything|nothing|nice|good)\b)",
    ),
    (
        5,
        r"\b(?:goes|go|going|off|over) to {one}\b",
        r"^(?!.*\b(?:i|we|he|she|people|praise|credit)\b (?:go|goes))",
    ),
    (
        5,
        (
            r"(?:{start}|\b){do_it} (?:.+?),? (?:with|via|using|through|by way of) {one}(?= please"
            r"|$| ,)"
        ),
        r"^{do_it}|(?:, |please |and |so ){do_it}",
    ),
    (
        5,
        r"(?:^|, ){one} (?:is|are|gets) (?:to|the one to|in charge of|responsible for|on)\b(?= \S)",
        r"\b(?:please|now|today|from now|tonight|by)\b",
    ),
    (
        5,
        (
            r"\b(?:it's|that's|this is|time for|i'll leave|i'm giving|i'm handing|i'm putting"
            r"|let's give|let's hand|let's have|let's get|let's put|let's let"
            r"|let's ask) (?:\S+ ){,6}?{one}\b(?: \S+)"
        ),
        r"\b(?:job|task|turn|give|giving|hand|handing|leave|putting|put|have|get|let|ask|let's)\b",
        r"^(?!.*\b(?:was|fault|mistake|opinion)\b)",
    ),
    (
        5,
        (
            r"(?:^|, |\b(?:hey|so|okay|ok|um|uh|right|please) ){one} ,? ?(?:i(?:'d like| would like"
            r"|'d love| need| want|'m going to need)|we need|you're (?:to|up)|your (?:job|task)"
            r"|it's your turn|over to you)\b"
        ),
        r"^(?!.*\b(?:know|to (?:stop|quit)|i want you to stop)\b)",
    ),
    (
        5,
        (
            r"\b(?:some|any)(?:one|body) (?:please|kindly|quickly) {base} {object}|\b(?:can|could"
            r"|would|will) (?:some|any)(?:one|body)(?: please| quickly| kindly| maybe)* {do_it}\b"
            r"|\b(?:i|we)(?:'d like| need| want) (?:some|any)(?:one|body) (?:to|who can|who could"
            r"|who will|that can) {do_it}\b"
        ),
    ),
    (
        6,
        (
            r"{no_subject}\b(?:let|tell|inform) {one}(?: know)?(?: that)? (?:it|he|she"
            r"|they) (?:should|must|needs? to|has to|have to|ought to|can)\b"
        ),
    ),
    (
        6,
        (
            r"\b(?:see|find out|hear|ask|get|let's see|know) what {one} (?:makes?|thinks?|says?"
            r"|would|has to say|can)\b(?: \S+){,2} (?:of|about|on|with|to)\b"
        ),
    ),
    (
        5,
        r"\b(?:done|made|built|written|drawn|sorted|\w{3,}ed) by {one}(?=$| |,)",
        (
            r"\b(?:i want|i need|i'd like|we need|have|get|should be|must be|needs? to be"
            r"|ought to be|please|i want to have)\b"
        ),
        r"^(?!.*\b(?:was|were|been) (?:done|made|built|written|\w+ed) by)",
    ),
    (5, r"^(?:over|on|next|now|back)(?: over)? to {one}\b|^(?:over to) {one}"),
    (
        5,
        r"^(?:what if|suppose|how about if|how about) {one} (?!is\b|was\b|had\b|could talk)\w+ \S+",
    ),
    (
        5,
        (
            r"^(?:\S+ ){,3}?{one} ,? ?(?:(?:i|we) (?:\S+ ){,3}?you\b|you (?:should|must|need|can"
            r"|could|have to|get to|ought|are to|might|take|do|handle)|your|would you|will you"
            r"|do you (?:mind|think you (?:can|could)))\b"
        ),
        r"^(?!.*\b(?:know|thank|love you|miss you|stop)\b)",
    ),
    (
        5,
        (
            r"\b(?:i want|i need|i'd like|we need|have|get|i want to have"
            r"|i'd love)\b(?: \S+){1,9} (?:done|made|built|written|redone|drawn|sorted"
            r"|\w{3,}ed) by {one}"
        ),
    ),
    (
        5,
        r"\b(?:if|whether) {one} (?:could|would|can|might|will)\b",
        (
            r"\b(?:wonder\w*|grateful|glad|happy|great|nice|love|appreciate|helpful|lovely|good"
            r"|ask\w*|see|like it|thrilled|mind)\b"
        ),
        r"^(?!.*\b(?:i wonder|who knows)\b(?!.*\b(?:could|would)\b))",
    ),
    (
        5,
        (
            r"^(?:can't|couldn't|can not|won't|wouldn't) {one} (?:just |maybe |please "
            r"|simply )*{base} "
        ),
    ),
    (6, r"\b(?:time|moment|turn|up) (?:for|to) {one}(?: to)?\b(?= \S)|\b{one} (?:'s|is) turn\b"),
    (
        5,
        (
            r"\b(?:i want|i need|i'd like|we need|get me|i'd love|give me|bring me|order"
            r"|commission)\b(?: \S+){1,10} from {one}"
        ),
        r"^(?!.*\b(?:update|answer|news|status|word|report back|reply|result|results)\b)",
    ),
    (
        5,
        r"{one} (?:can|could|may|might|should)(?: also| just| then)* {base} {object}",
        r"\b(?:please|as well|too|while|today|tonight|now|next|then|first)\b",
        r"^(?!.*\b(?:said|says|i think|apparently|which|that @)\b)",
    ),
    (
        5,
        (
            r"^(?:please |and |now |so |okay |right )*{base} {object}.* ,? {called}(?: please"
            r"| will you| would you| ,)*$"
        ),
        (
            r"^(?!(?:thank|thanks|so|well|funny|like|love|good|i|it|that|this)\b)(?!.*\b(?:with"
            r"|about|of|than|like|and|or|to|for|by|from) @)"
        ),
    ),
    (
        5,
        (
            r"\b(?:so (?:kind|good|nice) (?:as )?to|be a (?:dear|darling|love|sport|star) and"
            r"|do me a favou?r and|go and|want you to|like you to|need you to|trouble you to"
            r"|love you to|remember to|mind and|please to)\b(?: \S+)? {entrust}(?: [\w'-]+){,6}?"
            r" {one}"
        ),
    ),
    (
        5,
        (
            r"\b(?:goes|is going|going|belongs|falls|off|over|down) to {one}(?=$| ,| please| now"
            r"| today)"
        ),
    ),
    (
        6,
        (
            r"(?:^|, ){called} ,? ?(?:please )?be (?:so (?:kind|good|nice)|a (?:dear|darling|love"
            r"|sport|good))\b|{no_subject}\b(?:loop|bring|call|pull|rope|get|draft"
            r"|let) {one} in(?=$| ,| on| for| and)"
        ),
    ),
    (
        5,
        r"{no_subject}\b(?:get|squeeze|fetch|grab|coax|have)\b(?: \S+){1,8} (?:out of|from) {one}",
        r"^(?!.*\b(?:update|answer|news|status|word|result|results)\b)",
    ),
    (
        5,
        (
            r"\b(?:put|make|place|leave) {one} (?:in charge of|responsible for|to work on)\b"
            r"|\bis {one} to (?!be\b)\w+ ?|\b(?:is|'s) (?:a job|one|something|work|a case"
            r"|a task) for {one}"
        ),
        r"^(?!.*\b(?:was|were)\b)",
    ),
    (
        5,
        (
            r"\b(?:we'll|i'll|let's|we will|i will|we'd better|you'd better|better) (?:use|have|let"
            r"|ask|get|put|take|hand|give|send|try|go with)\b(?: \S+){,6}? {one}"
        ),
        r"^(?!.*\b(?:some day|one day|later maybe)\b)",
    ),
    (
        5,
        (
            r"{no_subject}\b(?:make|turn) (?:that|this|it) (?:into )?an? (?:new )?(?:task|job)\b"
            r"|\b(?:i'd need|i could use|i could do with|i need)\b(?: \S+){1,8} (?:from|by) {one}"
        ),
    ),
    (
        5,
        (
            r"\b(?:is|are|be|gets?) (?:best |better |ideally )?(?:\w+ed|written|done|made|built"
            r"|drawn|handled) by {one}"
        ),
        r"\b(?:best|should|to be|please|must|ideally|better|needs?)\b",
    ),
    (
        5,
        (
            r"(?:^|, ){one} will (?:now |then )?{base} .*\bplease\b"
            r"|{no_subject}\b{base} .*(?:through|via) {one}"
        ),
        r"^(?!(?:i|we|he|she|they|the|my|our|it)\b)",
    ),
    (
        5,
        (
            r"\b(?:i'm|i am|we're|i'll be) (?:now )?(?:leaving|giving|handing|putting|passing"
            r"|sending|assigning|setting|getting|letting|having|asking"
            r"|delegating)\b(?: \S+){,8}? {one}"
        ),
        r"^(?!.*\b(?:thinking|tired|sick|glad)\b)",
    ),
    (
        5,
        (
            r"^(?:if|when|once|as soon as) {one} (?:has|is|gets|finds)\b.*\b(?:please|have it"
            r"|let it|it (?:should|can|could)|ask it)\b"
        ),
    ),
    (
        5,
        (
            r"(?:^|, ){one} (?:is going to|will|shall)(?: now| then)* {base} .*\b(?:please|start"
            r"|now)\b|\b(?:super|great|nice|good|lovely|cool|brilliant|perfect|helpful"
            r"|best) if {one} (?!(?:is|was|were|had|could talk)\b)\w+ "
        ),
    ),
)
