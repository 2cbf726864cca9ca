"""English. Work: stop it, answer its questions, give it."""

from __future__ import annotations

STOP = (
    r"{stop}(?: (?:it|that|this|now))?",
    r"{stop}(?: working on| what you're doing with)? (?P<text>{it})(?: .+)?",
    # Behind the name stands why: "stop Codex it is going in the wrong direction".
    r"{stop} {the}(?P<agent>{agent})(?:'s .+| .+)?",
    r"(?:don't|do not) let {the}(?P<agent>{agent})\b.*",
    (
        r"{the}(?P<agent>{agent})(?:,| please,?)? (?:please )?(?:stop|halt|quit|abort"
        r"|give up)(?: (?:it|that|this|now|please|working|right)\b.*)?"
    ),
    r"(?:call|pull|take) {the}(?P<agent>{agent}) (?:off|back|away)(?: .+)?",
    (
        r"{stop} {this}?.+? (?:that |which )?{the}(?P<agent>{agent}) (?:is|was|has"
        r"|started|began)\b.*"
    ),
    r"{stop} {this}?.+? (?:of|by|from|with) {the}(?P<agent>{agent})(?:'s .+)?",
    # An agent that is to stop must not be given the stopping as work.
    (
        r"(?:{aside}[, ])?{the}(?P<agent>{agent}),? (?:(?:can|could|should|may|must"
        r"|needs to|has to|ought to|shall|please|now|also|just|you|better) )+{give_up}"
    ),
    (
        r"(?:.+, )?{the}(?P<agent>{agent}) (?:doesn't|does not|needn't|need not)(?:"
        r" (?:need|have) to)? (?:(?:continue|go on|carry on|finish|keep|bother|do|work)"
        r"\b.*|.+ any ?(?:more|further|longer))"
    ),
    (
        r"(?:{aside},? {imperative})?(?:tell|ask|have|let|get|make|order) {the}"
        r"(?P<agent>{agent}),? (?:(?:to|that|it|he|she|should|please|and|just|can) )*"
        r"{give_up}"
    ),
    (
        r"(?:tell|ask|order|get) {the}(?P<agent>{agent}),? .+ (?:and|to) "
        r"(?:stop|halt|quit|give up)"
    ),
    (
        r"(?:{stop}|drop)(?: working on)? {this}?(?P<text>(?:(?!session\b).)+?)"
        r" (?:tasks?|jobs?|run)"
    ),
    (
        r"(?:{stop}|drop) {this}(?:tasks?|jobs?|work|run)(?: (?:with|for|about|on|of"
        r"|that|called|named|to))? (?P<text>.+)"
    ),
    r"forget(?: about)? {this}(?P<text>.+?) (?:task|job|run)",
    r"forget(?: about)? {this}(?:task|job)(?: (?:with|for|about|on))? (?P<text>.+)",
    r"(?:cancel|abort|kill|call off) {this}(?P<text>.+)",
    r"(?:cancel|abort|kill|call off) (?P<text>[\w'-]+(?: [\w'-]+){,2})",
    r"(?:stop|halt|terminate) {this}(?P<text>{few})",
    r"stop working on {this}?(?P<text>.+)",
    r"you (?:can|may|could|should) (?:now |just )?(?:{stop}|drop) (?P<text>{it}|{this}.+)",
    r"{stop} (?P<text>(?:everything|all|whatever|anything)\b.*)",
    r"{aside}, you (?:can|may|could) (?:{stop}|drop) (?P<text>it|that|this)",
    r".+(?:,| so| please) (?:stop|cancel|abort|kill) (?P<text>it|that|this)",
)
REPLY = (
    (
        r"(?:tell|answer|reply(?: to)?|say to) (?:it|him|her|them|the agent|the"
        r" question)(?: (?:to|that|with))?[,:]? (?P<text>.+)"
    ),
    r"(?:answer|reply)(?: with)?[,:]? (?P<text>(?!(?:to )?(?:the )?{agent}\b).+)",
    r"say (?:that )?(?P<text>(?:yes|no)\b.*)",
    r"(?:my|the) (?:answer|reply) is[,:]? (?P<text>.+)",
    (
        r"let (?:it|him|her|them|the agent|{the}(?P<agent>{agent})) know[,:]?(?:"
        r" that)? (?P<text>(?!(?:it|he|she) (?:should|must|has to|needs to)\b).+)"
    ),
    (
        r"(?:answer|reply to) (?:the )?(?P<agent>{agent})(?:'s question)?(?: (?:that"
        r"|with))?[,:]? (?P<text>.+)"
    ),
    (
        r"tell {the}(?P<agent>{agent})(?: that)?[,:]? (?P<text>(?:yes|no|yeah|ok|okay"
        r"|sure|(?:the|my) answer is)\b.*)"
    ),
)
DELEGATE = (
    (
        r"(?:ask|have|let|get|tell|instruct|order|make|(?:(?:would|do) you mind|how"
        r" about|what about) (?:asking|having|letting|getting|telling)) {the}"
        r"(?P<agent>{agent})[,:]?(?: (?:to|on|for|and|should|could|can you|that"
        r"|please))*[,:]? (?P<text>.+)"
    ),
    (
        r"(?:use|run|start|launch|put|set|kick off|send) {the}(?P<agent>{agent})(?:"
        r" off)?(?: (?:to work|with|the|a|task|job))* (?:to|on|of|for|and)"
        r" (?P<text>.+)"
    ),
    r"{wish} {the}(?P<agent>{agent}) (?:to|could|would|can|should) (?P<text>.+)",
    r"{wish_that} {the}(?P<agent>{agent}) (?:(?:could|would|can) )?(?P<text>.+)",
    (
        r"(?P<text>(?:if|when|once|as soon as) {the}(?P<agent>{agent}) (?:has|is|gets"
        r"|finds|can)\b.+ (?:it|he|she) (?:should|could|can|must) .+)"
    ),
    (
        r"(?:maybe |perhaps )?(?:the )?(?P<agent>{agent}) (?:please|can you|could you"
        r"|would you|will you|should|must|needs to|has to|ought to|shall"
        r"|is (?:supposed|meant|expected|asked) to) (?P<text>{work}.+)"
    ),
    (
        r"(?:(?:can|could|would|might|should) {the}(?P<agent>{agent})|{the}(?P<named>"
        r"{agent}) (?:could|can|might))(?: (?:please|maybe|perhaps|possibly|also"
        r"|quickly|be so (?:kind|good)(?: as)? to))* (?P<text>{do} .+)"
    ),
    r"(?P<agent>{agent})(?:,|:| -) (?P<text>{not_about}.+)",
    r"(?P<agent>{proper}) (?P<text>(?:{do}|why|which|how many)\b.+)",
    r"(?:for|with|through|via) {the}(?P<agent>{agent})[,:]? (?P<text>{do} .+)",
    (
        r"(?:give|hand|pass|send|assign|delegate|forward|leave)(?: over)? (?P<text>.+?)"
        r" (?:over |on )?to {the}(?P<agent>{agent})"
    ),
    (
        r"(?P<text>(?:give|hand|pass|send|assign|delegate|forward|leave) .+? "
        r"(?:over |on )?to {the}(?P<agent>{agent})[,:]? .+)"
    ),
    (
        r"(?:give|hand|pass|send|assign) {the}(?P<agent>{agent}) (?:(?:the|a) "
        r"(?:task|job|work)(?: to| of|,|:)? ?)?(?P<text>.+)"
    ),
    (
        r"(?:delegate|hand over) to {the}(?P<agent>{agent})[,:]? (?:to |that )?"
        r"(?P<text>.+)"
    ),
    (
        r"(?:a |another )?(?:new )?(?:task|job|work)(?: for)? {the}"
        r"(?P<agent>{agent})[,:]? (?:to )?(?P<text>.+)"
    ),
    (
        r"(?P<text>{do} .+?),? (?:and )?(?:using|with the help of|by using) {the}"
        r"(?P<agent>{agent})"
    ),
    r"(?P<text>(?:get|fetch|bring|i need)(?: me| us)? .+? from {the}(?P<agent>{agent}))",
    r"(?P<text>(?:run|show|give) .+? (?:past|by|to) {the}(?P<agent>{agent}) and .+)",
    r"(?:commission|task|charge|entrust) {the}(?P<agent>{agent}) (?:with|to) (?P<text>.+)",
    (
        r"(?P<text>{aside} for {the}(?P<agent>{agent}),? (?:please )?(?:ask|have|let|tell)"
        r" (?:it|him|her) .+)"
    ),
    r"(?:delegate|hand over)(?: (?:the|a) task)?[,:]? (?:to )?(?P<text>.+)",
    (
        r"(?:start|create|open|launch|queue|add|make|run|begin|kick off|set up)(?: me)?"
        r" (?:a|another|the)?(?: new)? ?(?:background )?(?:task|job)(?: (?:to|for|that"
        r"|which|called))?[,:]? (?P<text>.+)"
    ),
    r"new (?:task|job)(?:[,:]| to| for) (?P<text>.+)",
    r"new (?:task|job) (?P<text>{do} .+)",
    r"(?:have|ask|get|let|tell) {somebody}(?: to)? (?P<text>.+)",
    (
        r"(?:{wish}|can|could|would|should) {somebody} (?:(?:to|could|would|can"
        r"|please|maybe|perhaps) )*"
        r"(?P<text>{do} .+)"
    ),
)
# Something else is said first: what is wrong, and then who is to mend it.
DELEGATE_BEHIND = (
    (
        r"(?P<text>.+(?:,| and| but| so| because) {wish} {the}(?P<agent>{agent})"
        r" (?:to|could|would) .+)"
    ),
    (
        r"(?P<text>(?:(?:since|because|as|while|once|after|before|now that) .+?"
        r"|.+?(?:,| and| so| then| please| (?:could|can|would|will) you)|.+? (?:is|are"
        r"|was|were|isn't|aren't|keeps?|fails?) .+?) (?:{imperative}|(?<=could you )"
        r"|(?<=can you )|(?<=would you ))(?:(?:have|let|make|get) {the}(?P<agent>"
        r"{agent}) (?:to )?(?!(?:know|is|was|has|and|or|down)\b)[a-z]+"
        r"|(?:ask|tell|get) {the}(?P<named>{agent}) (?:to|if|whether|that)) .+)"
    ),
    r"(?P<text>{aside}, {the}(?P<agent>{agent}) (?:should|must|has to) {do} .+)",
    (
        r"(?P<text>.+?),? {imperative}(?:start|create|open|make|kick off|begin) (?:a"
        r"|another)(?: new)? (?:task|job)(?: (?:for|about|on) (?:that|this|it))?"
    ),
)
