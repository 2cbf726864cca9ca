# reason: a language is one table
"""English rules."""

from __future__ import annotations

from session_api.say.grammar.intent import Kind
from session_api.say.grammar.table import Table

ENGLISH = Table(
    language="en",
    before=(
        r"^(?:(?:i(?:'d| would) like to|i want to|do you|can you tell me if you) know(?= (?:what"
        r"|how|where|who|which|whether|if)\b)|(?:hey|hi|hello|ok|okay|so|well|um+|uh+|er+|and|then"
        r"|now|please|right|alright|listen|just checking in|just|actually|also|maybe|wait|first"
        r"|hang on|hold on|one moment|quick question|by the way|before (?:it slips my mind|i"
        r" forget))\b|(?:would|do) you mind\b|(?:can|could|would|will) you\b(?! (?:guys|all)\b)|"
        r"(?:can|could|shall|should|may) (?:we|i)\b|i(?:'d| would) (?:like|love) (?:you )?to\b|i"
        r" want (?:you )?to\b|i need (?:you )?to\b|go ahead and\b|let's\b(?! go$)|let us\b|let me\b"
        r"|(?:tell|ask) (?:my|the) agents? to (?=ask|have|tell|remember|note|stop|cancel)|tell me"
        r"(?= (?:what|how|where|who|which|whether|if)\b))[,:]? +"
    ),
    after=(r"[,]? +(?:please|thanks|thank you|for me|would you|will you|ok|okay|right now)$"),
    common=frozenset(
        "the a an and is are was were to of in on for with what who when how did do does we i you"
        " it that this have has had not should would could my our there they be will".split()
    ),
    parts={
        "the": r"(?:the )?",
        "this": r"(?:(?:the|my|that|this|those|these|our|both|all)(?: (?:the|my|of))? )",
        "few": r"[\w'-]+(?: [\w'-]+){,4}",
        "we": r"(?:we|i|you|they|he|she|it|[A-Z]\w+)",
        "about": r"(?:about|on|for|regarding|concerning|with|of)",
        "things": (
            r"decisions?|ideas?|questions?|action items?|to-?dos?|to do|tasks? for me|facts?"
            r"|notes?|preferences?|risks?|reminders?"
        ),
        "it": (
            r"(?:it|that|this|everything|all(?: of (?:it|that|them))?|(?:the|that|this) (?:task"
            r"|job|work|run|agent))"
        ),
        "session": r"(?:session|conversation)",
        "somebody": (
            r"(?:someone|somebody|anyone|anybody|an agent|any agent|one of (?:the|my) agents"
            r"|the agents?)"
        ),
        "stop": r"(?:stop|cancel|abort|kill|halt|quit|terminate|end|call off)",
        "give_up": (
            r"(?:stop|halt|quit|abort|cancel|give up|cease|pause|go home|take a break"
            r"|(?:drop|forget|leave)(?: about)? (?:it|that|this|the (?:.+ )?(?:thing|task|job|idea"
            r"|plan|stuff|work|business))|leave the .+ alone)\b.*"
        ),
        # No verb of an order stands behind a subject, a modal or "to".
        "imperative": (
            r"(?<!\bi )(?<!\bwe )(?<!\byou )(?<!\bthey )(?<!\bhe )(?<!\bshe )(?<!\bwho )"
            r"(?<!\bpeople )(?<!\beverybody )(?<!\bto )(?<!\bnot )(?<!n't )(?<!\bnever )"
            r"(?<!\balways )(?<!\bcan )(?<!\bwill )(?<!\bwould )(?<!\bcould )(?<!\bshould )"
            r"(?<!\bmust )(?<!\bmay )(?<!\bmight )(?<!\bdo )(?<!\bdid )(?<!\bcannot )"
        ),
        # What is said first; no report, no condition.
        "aside": (
            r"(?:(?!\b(?:said|says?|told|tells|thinks?|that|if|when|whenever|until|hopes?|wish"
            r"|wonder|why|who|which|whether)\b).)+"
        ),
        "wish": (
            r"(?:i (?:need|want)|i(?:'d| would) (?:like|love|want|prefer)(?: for)?|what i(?:'d"
            r" like| would like| want| need) is(?: for)?|i (?:wonder|was wondering) if"
            r"|{wish_that})"
        ),
        "wish_that": (
            r"(?:(?:i(?:'d| would) (?:be (?:glad|happy|grateful)|like it|appreciate it)|it(?:'d"
            r"| would) be (?:great|nice|good|cool|lovely|helpful|wonderful)) if)"
        ),
        # Verbs that order nothing: what somebody should be, have or know.
        "work": (
            r"(?!(?:be|have (?:been|known)|not|never|know|win|cost|feel|seem|become|mean|really"
            r"|get (?:an?|some) (?:prize|award|medal|raise|rest|break|holiday|name|body))\b)"
        ),
        "yes": (
            r"(?:y|yes|yeah|yep|yup|ya|sure|ok(?:ay)?|fine|correct|right|exactly|absolutely"
            r"|definitely|of course|go ahead|do (?:it|that)|please(?: do(?: (?:it|that))?)?|sounds"
            r" good|confirm(?:ed)?|that's (?:right|fine|good|it|what i (?:meant|mean|want|wanted))"
            r"|by all means|why not|thanks|i do)"
        ),
        "no": (
            r"(?:no|nope|nah|n|never ?mind|not now|(?:rather|better) not|wrong|leave it|don't(?: do"
            r" (?:it|that)| bother)?|do not(?: do (?:it|that))?|that's wrong|not (?:that(?: one)?"
            r"|really|yet|at all)|i (?:don't|do not|didn't) (?:want|mean|need) (?:that|it|this)|"
            r"(?:no )?(?:thanks|thank you)|forget (?:it|that)|in no case)"
        ),
        "do": (
            r"(?:(?:add|write|create|make|find|remove|delete|refactor|rewrite|rename|implement"
            r"|improve|optimi[sz]e|look|take|go|give|get|generate|summari[sz]e|translate|convert"
            r"|compare|explain|describe|draft|prepare|collect|gather|investigate|analy[sz]e"
            r"|extract|figure|try|install|configure|clean|tidy|merge|migrate|replace|rework|tell"
            r"|send|turn|work on|dig|proofread|polish|debug|verify|validate|finish|do|bring"
            r"|suggest|propose|shorten|simplify|ensure|please|count|fetch|download|upload"
            r"|reproduce|inspect|measure|calculate|search for|check (?:for|if|whether|that|what"
            r"|why|how)|test (?:if|whether))|(?:build|test|update|review|plan|design|format"
            r"|change|fix|check|work|report|release|document|search|research|upgrade|list|show"
            r"|run|start|use|deploy|sort|port|move|repair|correct|order)(?= (?:the|an?|my|our|all"
            r"|this|that|these|those|it|me|us|every|each|both|any|some|its|their|up|out)\b))"
        ),
    },
    pending=(
        (
            Kind.NO,
            (
                r"{no}(?:,? (?:{no}|but thanks|stop|wait|that's not (?:what i meant|it))){,3}",
                r"(?:cancel|stop|forget)(?: that| it)?",
            ),
        ),
        (
            Kind.YES,
            (
                r"{yes}(?:,? {yes}){,3}",
                (
                    r"{yes},? (?:cancel(?: it| that)?|stop(?: it| that)?|that one|give it(?: to"
                    r" \w+)?)"
                ),
            ),
        ),
        (
            Kind.CHOICE,
            (
                (
                    r"(?:i (?:mean|want)|i(?:'d| would|'ll| will)? (?:take|go with|have|like)|take"
                    r"|the|option|number|no\.?|choice)?(?: the| option| number)*"
                    r" ?(?P<text>first|second|third|last|one|two|three|former|latter|1|2"
                    r"|3)(?: one| option)?"
                ),
                # By what it is about: the caller compares the words.
                (
                    r"(?:i mean |i(?:'d| would|'ll) take |take )?(?:the|that) (?:other )?one"
                    r" (?:about|with|for|on|from|called|of|by) .+"
                ),
            ),
        ),
    ),
    numbers={
        "first": 1,
        "one": 1,
        "1": 1,
        "former": 1,
        "second": 2,
        "two": 2,
        "2": 2,
        "third": 3,
        "three": 3,
        "3": 3,
        "last": -1,
        "latter": -1,
    },
    memories={
        "decision": "decision",
        "decisions": "decision",
        "idea": "idea",
        "ideas": "idea",
        "question": "question",
        "questions": "question",
        "open question": "question",
        "action item": "action_item",
        "action items": "action_item",
        "todo": "action_item",
        "todos": "action_item",
        "to-do": "action_item",
        "to-dos": "action_item",
        "to do": "action_item",
        "reminder": "action_item",
        "reminders": "action_item",
        "fact": "fact",
        "facts": "fact",
        "note": "note",
        "notes": "note",
        "preference": "preference",
        "preferences": "preference",
        "risk": "risk",
        "risks": "risk",
    },
    rules=(
        (
            Kind.AGAIN,
            (
                r"(?:repeat|say)(?: (?:that|it|this))?(?: (?:again|once more|one more time))?",
                r"(?:once|one time|one more time) (?:more|again)",
                r"again",
                r"pardon(?: me)?",
                r"come again",
                r"sorry",
                r"what(?: did you (?:just )?say| was that)?(?: again)?",
                r"say what",
                r"excuse me",
                (
                    r"(?:(?:sorry|pardon|excuse me)(?: but)?,? )?i (?:didn't|did not|couldn't"
                    r"|could not) (?:quite )?(?:get|catch|hear|understand) (?:that|you|it)"
                    r"(?: (?:there|because|it) .+)?"
                ),
                (
                    r"(?:sorry|pardon|excuse me)(?: me)?,? (?:what|there was|there were|it was too"
                    r"|i missed|could you|can you) ?.*"
                ),
            ),
        ),
        (
            Kind.MORE,
            (
                (
                    r"(?:tell me |give me |read me )?(?:some )?(?:more|the rest|(?:the |more"
                    r" )?details)(?: (?:about|on) (?:it|that|this))?"
                ),
                r"go on",
                r"continue",
                r"keep going",
                r"and then",
                r"next",
                r"read on",
                r"carry on",
                r"elaborate",
                r"what else",
                r"anything else",
            ),
        ),
        (
            Kind.STOP,
            (
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
                r"{stop} (?P<text>(?:everything|all|whatever|anything)\b.*)",
                r".+(?:,| so| please) (?:stop|cancel|abort|kill) (?P<text>it|that|this)",
            ),
        ),
        (
            Kind.REPLY,
            (
                (
                    r"(?:tell|answer|reply(?: to)?|say to) (?:it|him|her|them|the agent|the"
                    r" question)(?: (?:to|that|with))?[,:]? (?P<text>.+)"
                ),
                r"(?:answer|reply)(?: with)?[,:]? (?P<text>(?!(?:to )?(?:the )?{agent}\b).+)",
                r"say (?:that )?(?P<text>(?:yes|no)\b.*)",
                r"(?:my|the) (?:answer|reply) is[,:]? (?P<text>.+)",
                (
                    r"let (?:it|him|her|them|the agent|{the}(?P<agent>{agent})) know[,:]?(?:"
                    r" that)? (?P<text>.+)"
                ),
                (
                    r"(?:answer|reply to) (?:the )?(?P<agent>{agent})(?:'s question)?(?: (?:that"
                    r"|with))?[,:]? (?P<text>.+)"
                ),
                (
                    r"tell {the}(?P<agent>{agent})(?: that)?[,:]? (?P<text>(?:yes|no|yeah|ok|okay"
                    r"|sure|(?:the|my) answer is)\b.*)"
                ),
            ),
        ),
        (
            Kind.NEWS,
            (
                (
                    r"(?:is there |are there |do you have |have you got |got )?(?:any|some|the)?"
                    r"(?: ?thing)?(?: ?the)? ?(?:new|news|latest|updates?|results?)(?: (?:for me"
                    r"|yet|today|please))?"
                ),
                (
                    r"(?:is there |are there |do (?:we|you) have |have (?:we|you) got )?(?:anything"
                    r"|something) (?:(?:new )?(?:from|by) {the}(?P<agent>{agent})\b.*|to report"
                    r"|(?:finished|done|running|failed|back)\b.*)"
                ),
                (
                    r"what(?:'s| is| has| are)? (?:new|up|the latest|the news|the status|our"
                    r" status|happening|going on|happened|finished|done|running|(?:still )?"
                    r"(?:pending|open)|been (?:done|finished))(?: (?:today|now|right now|meanwhile"
                    r"|so far|with (?:my|the) (?:tasks|agents)|since .+|while .+))?"
                ),
                (
                    r"(?:give me |read me |tell me )?(?:a |an |the |my )?(?:quick |short |brief )?"
                    r"(?:status|news|updates?|status (?:update|report)|overview)(?: please)?(?:,?"
                    r" what's (?:going on|happening|new))?"
                ),
                (
                    r"(?:catch me up|bring me up to (?:speed|date)|what (?:did|have) i miss(?:ed)?"
                    r"|where are we|any progress)"
                ),
                r"how far (?:along )?are (?:we|you|they|things)(?: (?:along|now|by now))?",
                r"how far (?:has|have|is|are|did) {the}(?P<agent>{agent})\b.*",
                (
                    r"how far (?:along )?(?:has|have|is|are|did) (?P<text>.+?)(?: (?:got|gotten|get"
                    r"|along|come))?"
                ),
                r"where (?:do we stand|we stand|we are|are we)(?: with| on)?(?P<text> .+)?",
                (
                    r"(?:(?:which|what|how many)(?: of (?:the|my))?|are any) (?:tasks?|jobs?|agents"
                    r"?|of them)(?: (?:is|are|do we have))?(?: still| already)? (?:running|done"
                    r"|finished|working|busy|active|open|left|pending|waiting|stuck|failed)\b.*"
                ),
                r"who(?:'s| is)(?: still)? (?:busy|working|running|active|waiting|at it|done)\b.*",
                (
                    r"(?:has|have|did|does|do|is|are) (?:any|some|every)(?:one|body|thing)\b.*"
                    r"(?:fail|finish|answer|question|done|ready|break|broken|broke|working"
                    r"|running|waiting|back|need|wrong|result)\w*\b.*"
                ),
                r"(?:has|have|did|are|is) (?:any|some|all|one) of (?:the |my )(?P<text>.+)",
                # Any question by yes or no about an agent.
                (
                    r"(?:is|was|has|did|does|isn't|hasn't|didn't|doesn't) {the}(?P<agent>{agent})"
                    r"\b.+"
                ),
                (
                    r"(?:is|are) (?P<text>.+?) (?:already |all |now )?(?:done|finished|ready"
                    r"|complete|completed|through|still running|running|fixed|back)(?: (?:yet"
                    r"|already|now|by now|with .+))?"
                ),
                r"did (?P<text>.+?) (?:pass|succeed|go through|go well|work)\b.*",
                (
                    r"(?:has|have|did) (?P<text>.+?) (?:already )?(?:finish(?:ed)?|complete(?:d)?"
                    r"|end(?:ed)?|fail(?:ed)?|come back|passed|work(?:ed)?(?: out)?)(?: (?:yet"
                    r"|already|now))?"
                ),
                (
                    r"(?:how(?: long| much longer)?|when|where|why)(?:'s| is| will| does| did| has"
                    r"| was) {the}(?P<agent>{agent})\b.*"
                ),
                r"(?:are|am) (?:we|i|you) (?:still )?(?:waiting|needed|missing)\b.*",
                (
                    r"how(?:'s| is| are) (?P<text>.+?)(?: (?:going|doing|coming(?: along| on)?"
                    r"|getting on|looking|progressing))?"
                ),
                (
                    r"how (?P<text>.+?) (?:is|are) (?:going|doing|coming(?: along| on)?|getting on"
                    r"|looking|progressing)"
                ),
                r"how did (?P<text>.+?) (?:go|turn out|end)",
                (
                    r"what {the}(?P<agent>{agent}) (?:(?:is|was|has been) (?:doing|up to|working"
                    r" on)|(?:has )?(?:said|found|found out|did|done))(?: (?:now|right now|so"
                    r" far))?"
                ),
                r"how (?:much|many)\b.* (?:left|to do|remaining|unfinished)\b.*",
                (
                    r"(?:(?:is|are|was|were) there )?any (?:problems?|errors?|trouble|issues?"
                    r"|failures?|questions? for me)\b.*"
                ),
                r"what(?:'s| is) (?:the )?(?:status|state|progress) (?:of|on|with) (?P<text>.+)",
                r"(?:status|progress) (?:of|on) (?P<text>.+)",
                r"what(?:'s| did| does| has| is| was| had) {the}(?P<agent>{agent})\b.+",
                (
                    r"what(?:'s| did| does| has| is| have| are) (?P<text>(?:it|he|she|they|every"
                    r"(?:body|one)|any(?:body|one)|(?:the )?agents?)) (?:sa[iy]|find|found|do"
                    r"|answer|wr[io]t|report|work|up to|come up|came up|discover|been)\w*\b.*"
                ),
                r"what(?: has)? happened (?:to|with) (?P<text>.+)",
                r"what came (?:out )?of (?P<text>.+)",
                (
                    r"(?:is there |are there |do (?:we|you) have |have (?:we|you) got )?(?:any"
                    r"|some) (?:news|updates?|word|progress|results?|answers?)(?: yet)? (?:from|on"
                    r"|about|of|with|for) {the}(?:(?P<agent>{agent})\b.*|(?P<text>.+))"
                ),
                r"(?:news|updates?) (?:from|on|about) (?P<text>.+)",
            ),
        ),
        (
            Kind.SWITCH,
            (
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
            ),
        ),
        (
            Kind.OPEN,
            (
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
            ),
        ),
        (
            Kind.DELEGATE,
            (
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
                    r"|quickly))* (?P<text>{do} .+)"
                ),
                r"(?P<agent>{agent})(?:,|:| -) (?P<text>{not_about}.+)",
                r"(?P<agent>{proper}) (?P<text>{do}\b.+)",
                r"(?:for|with|through|via) {the}(?P<agent>{agent})[,:]? (?P<text>{do} .+)",
                (
                    r"(?:give|hand|pass|send|assign|delegate|forward|leave)(?: over)? (?P<text>.+?)"
                    r" (?:over |on )?to {the}(?P<agent>{agent})"
                ),
                (
                    r"(?P<text>(?:give|hand|pass|send|assign|delegate|forward|leave) .+? "
                    r"(?:over |on )?to {the}(?P<agent>{agent}),? .+)"
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
            ),
        ),
        (
            Kind.RECALL,
            (
                (
                    r"what (?:did|have|had|do|does) {we} (?:just |already |finally |last )?"
                    r"(?:decide[ds]?|agree[ds]?|sa(?:y|id)|not(?:e|ed)|wr(?:ite|itten|ote)"
                    r"|conclude[d]?|discuss(?:ed)?|know|remember|ha(?:ve|d)|stor(?:e|ed)|plan"
                    r"(?:ned)?|choose|chosen|settle[d]?|pick(?:ed)?|think|want(?:ed)?|talk(?:ed)?)"
                    r"(?: (?:last time|yesterday|today|again))?(?: {about}| to do {about})? ?"
                    r"(?P<text>.*)"
                ),
                (
                    r"what (?:did|have|had|do) (?:we|i|you) (?:got |still )?(?:to )?(?:prefer|need"
                    r"|do|tell|told|mention(?:ed)?|promised?|got|order(?:ed)?|like|call(?:ed)?)"
                    r"(?: (?:you|him|her|them))?(?P<text> .*)?"
                ),
                (
                    r"what (?P<memory>{things}) (?:did|have|do) {we} (?:make|made|have|take|taken"
                    r"|note|noted|store|stored|got|get)(?: {about})? ?(?P<text>.*)"
                ),
                (
                    r"what (?:is|was|were|are|'s)? ?(?:my|our|the)(?: last| open| current| old)? "
                    r"(?P<memory>{things}|plan|agreement|conclusion)(?: {about})? ?(?P<text>.*)"
                ),
                (
                    r"what's (?:my|our|the)(?: last| open| current| old)? (?P<memory>{things}|plan"
                    r"|agreement|conclusion)(?: {about})? ?(?P<text>.*)"
                ),
                (
                    r"what's (?:on record|noted|written down|stored|in my notes)(?: {about})? "
                    r"(?P<text>.+)"
                ),
                r"what (?:was|were) (?P<text>.+)",
                r"what(?:'s| is| are) (?P<text>.+) (?:called|named|again)",
                r"what (?:do|does|did) (?P<text>[\w'-]+ [\w'-]+.*)",
                (
                    r"(?:did|have) {we} (?:ever |already )*(?:decide[ds]?|agree[ds]?|sa(?:y|id)"
                    r"|note[d]?|write|written|discuss(?:ed)?|store[d]?|mention(?:ed)?|talk(?:ed)?"
                    r"|settled?|chose|choose|chosen|pick(?:ed)?)(?: (?:anything|something|that"
                    r"|down))*(?: {about})? ?(?P<text>.*)"
                ),
                (
                    r"(?:do|have|did) (?:i|we) (?:have |got )?(?:any|some) (?P<memory>{things})"
                    r"(?: (?:saved|noted|stored|written down))?(?: {about})? ?(?P<text>.*)"
                ),
                (
                    r"(?:is|are) there (?:any|some)(?:thing)? ?(?:in|among) (?:my|the|our)"
                    r" (?:notes|memor(?:y|ies))(?: {about})? ?(?P<text>.*)"
                ),
                (
                    r"(?:is there |are there |do (?:i|we) have )?(?:any|an?) (?P<memory>{things})"
                    r" (?:from|{about}) (?P<text>.+)"
                ),
                (
                    r"(?:find|search(?: for)?|look (?:up|for)|recall|look through (?:my )?(?:notes"
                    r"|memories)(?: for)?|show me|list|read me|read)(?: (?:me|all|my|our|the))*(?:"
                    r" (?P<memory>{things}|to-? ?do list|list))(?: {about})? ?(?P<text>.*)"
                ),
                (
                    r"(?:find|search(?: for)?|look up|recall|search my (?:notes|memories) for) "
                    r"(?P<text>.+)"
                ),
                (
                    r"(?:pull|bring|dig|look) up (?:everything|anything|all|what)(?: (?:that|we|i"
                    r"|you|have|know|said|noted|got))*(?: {about})? (?P<text>.+)"
                ),
                (
                    r"(?:do you (?:remember|know)|remind me|tell me)(?: again)? (?:what (?:{we} "
                    r"(?:decided|agreed|said|noted|discussed|planned|chose))(?: {about})?|{about})"
                    r"(?P<text>(?! ?(?:it|that)$).*)"
                ),
                (
                    r"(?:(?:can|do|could|would) you (?:still |happen to )?(?:remember|recall|know)"
                    r"|remind me|i (?:can't|can not|cannot|don't) (?:quite )?(?:remember|recall)"
                    r"|i(?:'ve| have)? forg[eo]t(?:ten)?)(?: again)?,? (?:what|why|when|where|who"
                    r"|which|how|whether) (?P<text>.+)"
                ),
                (
                    r"(?:which|who|when|where|why|how much|how many|how)\b(?: \w+)? (?:did|have|do"
                    r"|does|was|were) {we} (?P<text>.+)"
                ),
                # A question by its first words: the second one is a verb.
                (
                    r"(?:when|where|who|whose \w+|how (?:much|many|often|old|long|big|high)(?:"
                    r" \w+)?) (?:is|are|was|were|do|does|did|has|have|had|will|can|should|owns"
                    r"|wants|wanted|said|gets|got|needs) (?P<text>.+)"
                ),
                (
                    r"which (?!(?:reminds?|is|was|are|means?|makes?|i|we|you|he|she|they|nobody"
                    r"|to|of|brings?)\b)(?P<text>[\w'-]+ [\w'-]+ .+)"
                ),
                r"what (?:do|does) (?:my|our|the) notes say(?: {about})? (?P<text>.+)",
                (
                    r"(?:which|what) (?P<memory>{things}) (?:are|is|were) (?:there )?{about} "
                    r"(?P<text>.+)"
                ),
                (
                    r"(?:what do you (?:know|remember|have)|what is (?:known|noted|stored))"
                    r" {about} (?P<text>.+)"
                ),
            ),
        ),
        (
            Kind.REMEMBER,
            (
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
                    r"|keep in mind|keep|record|log|memori[sz]e|put on record|for the record)(?:"
                    r" (?:this|that|it|of|for (?:me|later)|in memory))*(?: that)?[,:]? (?P<text>.+)"
                ),
                r"(?:don't|do not|never) forget(?: (?:that|to|about))?[,:]? (?P<text>.+)",
                r"i (?:prefer|always want) (?P<preferred>.+)",
            ),
        ),
    ),
    # Something else is said first: what is wrong, and then who is to mend it.
    behind=(
        (
            Kind.DELEGATE,
            (
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
            ),
        ),
        (
            Kind.REMEMBER,
            (
                (
                    r"(?:as an? (?P<memory>{things}) )?(?P<text>.+?)(?:,| so| and)*(?: please)?"
                    r" {imperative}(?:remember|save|note|keep|store|write|put|log|record)"
                    r" (?:that|this|it)(?: (?:down|for (?:me|later)|in mind|in (?:my|the) notes"
                    r"|on (?:my|the) (?:to-?do )?list))?(?: please)?"
                ),
            ),
        ),
    ),
    all_of_them=frozenset({"everything", "all"}),
    empty_targets=frozenset(
        "it that this he she they them task job work run agent agents everything all one"
        " things thing".split()
    ),
    noise=frozenset(
        "the a an my our your that this of on for with about task tasks job jobs work run agent one"
        " please still already to in at and is are it".split()
    ),
)
