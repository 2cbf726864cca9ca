# reason: a language is one table
"""English rules."""

from __future__ import annotations

from session_api.say.grammar.intent import Kind
from session_api.say.grammar.table import Table

ENGLISH = Table(
    language="en",
    before=(
        r"^(?:(?:hey|hi|hello|ok|okay|so|well|um+|uh+|er+|and|then|now|please|right|alright"
        r"|listen|just|actually|also|maybe)\b|(?:can|could|would|will) you\b(?! (?:guys"
        r"|all)\b)|i(?:'d| would) like (?:you )?to\b|i want (?:you )?to\b|i need (?:you )?to\b"
        r"|(?:would|do) you mind\b|go ahead and\b|let's\b(?! go$)|let us\b|(?:tell|ask) (?:my"
        r"|the) agents? to (?=ask|have|tell|remember|note|stop|cancel))[,:]? +"
    ),
    after=(r"[,]? +(?:please|thanks|thank you|for me|would you|will you|ok|okay|right now)$"),
    common=frozenset(
        "the a an and is are was were to of in on for with what who when how did do does we i you"
        " it that this have has had not should would could my our there they be will".split()
    ),
    parts={
        "we": r"(?:we|i|you|they|he|she|it|[A-Z]\w+)",
        "about": r"(?:about|on|for|regarding|concerning|with|of)",
        "things": (
            r"decisions?|ideas?|questions?|action items?|to-?dos?|tasks? for me|facts?|notes?"
            r"|preferences?|risks?|reminders?"
        ),
        "it": (
            r"(?:it|that|this|everything|all(?: of (?:it|that|them))?|the (?:task|job|work|run"
            r"|agent))"
        ),
    },
    pending=(
        (
            Kind.NO,
            (
                r"no",
                r"nope",
                r"nah",
                r"no,? (?:thanks|thank you|don't|do not|not now|leave it|stop|wait)",
                r"don't(?: do (?:it|that))?",
                r"do not(?: do (?:it|that))?",
                r"(?:cancel|stop|forget)(?: that| it)?",
                r"never ?mind",
                r"not now",
                r"rather not",
                r"better not",
                r"wrong",
                r"leave it",
                r"that's wrong",
                r"not (?:that|really)",
            ),
        ),
        (
            Kind.YES,
            (
                r"y",
                r"yes",
                r"yeah",
                r"yep",
                r"yup",
                r"ya",
                r"sure",
                r"ok(?:ay)?",
                r"fine",
                r"correct",
                r"right",
                r"exactly",
                r"absolutely",
                r"definitely",
                r"of course",
                r"go ahead",
                r"do it",
                r"do that",
                r"please do",
                r"sounds good",
                r"confirm(?:ed)?",
                r"that's right",
                (
                    r"(?:yes|yeah|yep|sure|ok(?:ay)?)[, ]+(?:please|do it|do that|go ahead|sure"
                    r"|cancel(?: it)?|stop it|that's right|that one|give it(?: to \w+)?)"
                ),
            ),
        ),
        (
            Kind.CHOICE,
            (
                (
                    r"(?:i (?:mean|want)|take|the|option|number|no\.?|choice)?(?: the| option|"
                    r" number)* ?(?P<text>first|second|third|last|one|two|three|former|latter|1|2"
                    r"|3)(?: one| option)?"
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
                r"what(?: did you (?:just )?say| was that)?",
                r"say what",
                r"excuse me",
                r"i (?:didn't|did not|couldn't) (?:get|catch|hear|understand) (?:that|you|it)",
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
                r"(?:stop|cancel|abort|kill|halt|quit|terminate|end)(?: (?:it|that|this|now))?",
                (
                    r"(?:stop|cancel|abort|kill|halt|terminate|call off|drop|end)(?: working on)? "
                    r"(?:the |my |that |this )?(?P<text>(?:(?!session\b).)+?)(?: (?:task|job|run))"
                ),
                (
                    r"(?:stop|cancel|abort|kill|halt|terminate|call off)(?: working on| what"
                    r" you're doing with)? (?P<text>{it})"
                ),
                (
                    r"(?:stop|cancel|abort|kill|halt|terminate|call off) (?:the )?"
                    r"(?P<agent>{agent})(?:'s (?:task|job|work|run))?(?: (?:from )?working(?: on"
                    r" .+)?)?"
                ),
                r"(?:cancel|abort|kill|call off) (?:the )?(?P<text>.+)",
                r"stop working on (?:the )?(?P<text>.+)",
            ),
        ),
        (
            Kind.REPLY,
            (
                (
                    r"(?:tell|answer|reply(?: to)?|say to) (?:it|him|her|them|the agent|the"
                    r" question)(?: (?:to|that|with))?[,:]? (?P<text>.+)"
                ),
                r"(?:answer|reply)(?: with)?[,:]? (?P<text>(?!(?:the )?{agent}\b).+)",
                r"(?:my|the) (?:answer|reply) is[,:]? (?P<text>.+)",
                (
                    r"(?:answer|reply to) (?:the )?(?P<agent>{agent})(?:'s question)?(?: (?:that"
                    r"|with))?[,:]? (?P<text>.+)"
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
                    r"what(?:'s| is| has| are)? (?:new|up|the latest|the news|the status|our"
                    r" status|happening|going on|happened|finished|done|running|(?:still )?"
                    r"(?:pending|open)|been (?:done|finished))(?: (?:today|now|right now|meanwhile"
                    r"|so far|with (?:my|the) (?:tasks|agents)))?"
                ),
                (
                    r"(?:give me |read me |tell me )?(?:a |an |the |my )?(?:status|news|updates?"
                    r"|status (?:update|report)|overview)"
                ),
                (
                    r"(?:catch me up|bring me up to (?:speed|date)|what (?:did|have) i miss(?:ed)?"
                    r"|where are we|how far are (?:we|you|they)|tell me (?:what's|what is) new|any"
                    r" progress)"
                ),
                (
                    r"(?:which|what) (?:tasks?|jobs?|agents?) (?:is|are) (?:running|done|finished"
                    r"|working|busy|active|open|left)"
                ),
                (
                    r"(?:is|are) (?P<text>.+?) (?:already )?(?:done|finished|ready|complete"
                    r"|completed|through|still running|running)(?: (?:yet|already|now))?"
                ),
                (
                    r"(?:has|have|did) (?P<text>.+?) (?:already )?(?:finish(?:ed)?|complete(?:d)?"
                    r"|end(?:ed)?|fail(?:ed)?|come back|work(?:ed)?(?: out)?)(?: (?:yet|already"
                    r"|now))?"
                ),
                (
                    r"how(?:'s| is| are) (?P<text>.+?)(?: (?:going|doing|coming(?: along| on)?"
                    r"|getting on|looking|progressing))?"
                ),
                r"how did (?P<text>.+?) (?:go|turn out|end)",
                r"what(?:'s| is) (?:the )?(?:status|state|progress) (?:of|on|with) (?P<text>.+)",
                r"(?:status|progress) (?:of|on) (?P<text>.+)",
                (
                    r"what (?:did|does|has|is) (?P<text>(?:the )?(?:{agent}|it|he|she|they|agent"
                    r"|agents)) (?:say|said|find(?: out)?|found(?: out)?|do|done|answer(?:ed)?"
                    r"|doing|write|written|report(?:ed)?|working on)"
                ),
                r"what(?: has)? happened (?:to|with) (?P<text>.+)",
                r"what came (?:out )?of (?P<text>.+)",
                r"any (?:news|updates?|word|progress|results?) (?:from|on|about|of) (?P<text>.+)",
                r"(?:news|updates?) (?:from|on|about) (?P<text>.+)",
            ),
        ),
        (
            Kind.SWITCH,
            (
                (
                    r"(?:continue|go on|carry on|resume|proceed|keep going)(?: with)? (?:the |my "
                    r"|our )?(?:session(?: (?:called|named|about|on))? )?(?P<text>.+?)(?: session|"
                    r" conversation)?"
                ),
                (
                    r"(?:switch|go back|return|go|change|jump)(?: over)? (?:to|into) (?:the |my "
                    r"|our )?(?:session(?: (?:called|named|about|on))? )?(?P<text>.+?)(?: session|"
                    r" conversation)?"
                ),
                r"back to (?:the |our )?(?P<text>.+?)(?: session| conversation)?",
                r"open (?:the |my |our )(?P<text>.+?) (?:session|conversation)(?: again)?",
            ),
        ),
        (
            Kind.OPEN,
            (
                (
                    r"(?:(?:open|start|create|begin|make|new|set up)(?: up)?(?: me)?(?: an?| the)?"
                    r"(?: new| another| fresh)? ?(?:session|conversation))(?: (?:called|named"
                    r"|titled|about|on|for|with the (?:title|name)))?[,:]? ?(?P<text>.*)"
                ),
            ),
        ),
        (
            Kind.DELEGATE,
            (
                (
                    r"(?:i(?:'d| would)? )?(?:ask|have|let|get|tell|instruct|order|want|need|like"
                    r"|make|use|call|start|launch|put|set) (?:the )?(?P<agent>{agent})[,:]?(?: "
                    r"(?:to|on|for|and|should|could|can you|that|please))*[,:]? (?P<text>.+)"
                ),
                (
                    r"(?:the )?(?P<agent>{agent}) (?:please|can you|could you|should|must|needs to"
                    r"|has to|ought to|shall) (?P<text>.+)"
                ),
                (
                    r"(?P<agent>{agent}(?:,|:| -)|{proper}) (?:please |can you |could you )?"
                    r"(?P<text>{not_about}.+)"
                ),
                (
                    r"(?:give|hand|pass|send|assign|delegate|forward)(?: over)? (?P<text>.+?) "
                    r"(?:over |on )?to (?:the )?(?P<agent>{agent})"
                ),
                (
                    r"(?:give|hand|pass|send|assign) (?:the )?(?P<agent>{agent}) (?:(?:the|a) "
                    r"(?:task|job|work)(?: to| of|,|:)? ?)?(?P<text>.+)"
                ),
                (
                    r"(?:delegate|hand over) to (?:the )?(?P<agent>{agent})[,:]? (?:to |that )?"
                    r"(?P<text>.+)"
                ),
                (
                    r"(?:a |another )?(?:new )?(?:task|job|work)(?: for)? (?:the )?"
                    r"(?P<agent>{agent})[,:]? (?:to )?(?P<text>.+)"
                ),
                r"(?:with|through|by|via) (?:the )?(?P<agent>{agent})[,:] ?(?P<text>.+)",
                (
                    r"(?P<text>.+?),? (?:and )?(?:using|with the help of|by using) (?:the )?"
                    r"(?P<agent>{agent})"
                ),
                r"(?:delegate|hand over)(?: (?:the|a) task)?[,:]? (?:to )?(?P<text>.+)",
                (
                    r"(?:start|create|open|launch|queue|add|make|run)(?: me)? (?:a|another|the)?"
                    r"(?: new)? ?(?:background )?(?:task|job)(?: (?:to|for|that|which"
                    r"|called))?[,:]? (?P<text>.+)"
                ),
                r"new (?:task|job)[,:]? (?:to )?(?P<text>.+)",
                (
                    r"(?:have|ask|get|let|tell) (?:someone|somebody|an agent|one of the agents|the"
                    r" agents?)(?: to)? (?P<text>.+)"
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
                    r"(?:did|have) {we} (?:ever |already )?(?:decide[ds]?|agree[ds]?|sa(?:y|id)"
                    r"|note[d]?|write|written|discuss(?:ed)?|store[d]?|mention(?:ed)?|talk(?:ed)?)"
                    r"(?: (?:anything|something|that))?(?: {about})? ?(?P<text>.*)"
                ),
                (
                    r"(?:find|search(?: for)?|look (?:up|for)|recall|look through (?:my )?(?:notes"
                    r"|memories)(?: for)?|show me|list|read me|read)(?: (?:me|all|my|our|the))*(?:"
                    r" (?P<memory>{things}))(?: {about})? ?(?P<text>.*)"
                ),
                (
                    r"(?:find|search(?: for)?|look up|recall|search my (?:notes|memories) for) "
                    r"(?P<text>.+)"
                ),
                (
                    r"(?:do you (?:remember|know)|remind me|tell me)(?: again)? (?:what (?:{we} "
                    r"(?:decided|agreed|said|noted|discussed|planned|chose))(?: {about})?|{about})"
                    r" ?(?P<text>.*)"
                ),
                (
                    r"(?:which|who|when|where|why|how much|how many|how)\b(?: \w+)? (?:did|have|do"
                    r"|does|was|were) {we} (?P<text>.+)"
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
                    r"(?:i have|i've got|we have|here's|here is|new|another|one|an?|my|the|our|add"
                    r"|add an?|note|note an?|save an?|store an?|record an?|make an?|write down an?"
                    r"|put down an?) (?:new )?(?P<memory>{things})(?: (?:is|that|to|for me to|of"
                    r" mine))?[,:]? (?P<text>.+)"
                ),
                (
                    r"(?P<memory>decision|idea|question|action item|to-?do|fact|note|preference"
                    r"|risk|reminder)(?::|,| -| is| that)? (?P<text>.+)"
                ),
                (
                    r"(?:add|put|write|note) (?P<text>.+?) (?:to|on|in|onto|into) (?:my|the|our) "
                    r"(?P<memory>{things}|list)(?: list)?"
                ),
                r"remind me (?:to|that|of) (?P<todo>.+)",
                (
                    r"(?:we|we've|we have|i've|i have|i) (?:just |finally |now |all )?(?:decided"
                    r"|agreed|settled|chose|chosen)(?: (?:that|to|on|upon|for))?[,:]? "
                    r"(?P<decided>.+)"
                ),
                (
                    r"(?:remember|note(?: down)?|make a note|take a note|write (?:this |that |it"
                    r" )?down|jot (?:this |that |it )?down|save|store|keep in mind|keep|record|log"
                    r"|memori[sz]e|put on record|for the record)(?: (?:this|that|it|of|in"
                    r" memory))?(?: that)?[,:]? (?P<text>.+)"
                ),
                r"(?:don't|do not|never) forget(?: (?:that|to|about))?[,:]? (?P<text>.+)",
                r"i (?:prefer|always want) (?P<preferred>.+)",
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
