"""English. Cues of a question what is new."""

from __future__ import annotations

NEWS = (
    (
        5,
        (
            r"{start}how(?:'s| is| are| has| have| did| far| about) (?:far |long )?(?:along )?(?:@"
            r"|&|the|that|this|my|our|it|they|things|everything|everyone|we|is|are|has|have|did"
            r"|you)\b"
        ),
        (
            r"\b(?:going|doing|coming|getting|looking|progress\w*|along|go|far|holding|shaping"
            r"|faring|moving|on|run|running|went|fare|turn|hold|work)\b|how(?:'s| is| are) (?:@|the"
            r"|my|our|that|it|things|everything)(?: \S+){,4}$"
        ),
    ),
    (
        5,
        (
            r"\bhow (?:long|much longer|soon|close|far)\b(?: \S+){,10} (?:take|takes|left|till"
            r"|until|before|still|more|done|finished|along|be|is|need|needs|to go|finishing"
            r"|ready)\b"
        ),
        r"^(?!.*\b(?:did|do) (?:we|i)\b)",
    ),
    (
        5,
        (
            r"\bwhen(?:'s| is| will| does| are| can)\b(?: \S+){,10} (?:done|ready|finish\w*|through"
            r"|complete\w*|over|be back|due)\b"
        ),
        r"^(?!.*\b(?:we|my|dentist|meeting)\b(?! agent))",
    ),
    (
        4,
        r"^(?:is|are|was|were|has|have|did|does|do|will|can|any)\b(?! (?:i|there a)\b)",
        r"{progress}",
        r"^(?!(?:did|have|do|has) (?:we|i|you)\b)(?!is that\b(?! \w+ (?:done|finished)))",
    ),
    (4, r"^(?:is|are|was|were|has|did|does|do)(?: \S+){,3} (?:@|&)"),
    (
        4,
        (
            r"^(?:is|are|was|were) (?:the|that|my|our|it|@|everything) ?(?:\S+ ){,7}(?:or not|yet"
            r"|already|now|at last|so far|up|live|green|red|online|working|broken|fixed|back"
            r"|passing|any (?:closer|further|nearer))(?=$| ,)"
        ),
        r"^(?!is (?:that|it|this) (?:a|an)\b)",
    ),
    (
        4,
        (
            r"^(?:has|have|did|does) (?:the|that|my|our|it|anything|anyone|anybody|someone|somebody"
            r"|everything|everyone) ?(?:\S+ ){,7}\w+(?=$| )"
        ),
    ),
    (
        5,
        (
            r"\bwhat(?:'s| is| has| are| have|'ve| did)?(?: \S+){,2} (?:new(?= with| in| from| on"
            r"| about| today| for| since|$| ,)|up|happening|going on|happened|been (?:done|going"
            r"|happening|finished)|got done|get done|gotten done|finished|changed|been up|cooking"
            r"|moved|progress\w*)\b"
        ),
        r"^(?!.*\bagain$)",
    ),
    (
        5,
        (
            r"\bwhat(?: else)? (?:did|have) (?:i|we) miss(?:ed)?\b|\b(?:i'm"
            r"|we're) back\b.*\b(?:what|anything|how)\b"
        ),
    ),
    (
        5,
        (
            r"\b(?:list|run through|go through|go over|count|name"
            r"|show(?: me)?)\b(?: \S+){,4} (?:running|open|active|current|pending|unfinished"
            r"|outstanding) (?:\w+ )?(?:jobs?|tasks?|work|agents?|things)\b|\b(?:everything|all"
            r"|whatever) (?:that's|that is) (?:running|going on|in progress|still open)\b"
        ),
    ),
    (
        5,
        r"\bhow (?:much|many)\b(?: \S+){,8} (?:left|to go|remaining|done|finished|busy|still)\b",
        r"^(?!.*\b(?:did|do|have) (?:we|i)\b)",
    ),
    (5, r"\bwhat(?:'s| is| has| did| does| was|'ve| have) (?:@|&|everyone|everybody)"),
    (5, r"\bwhat (?:@|&|everyone|the agents?|they) (?:is|are|has|have|did|'s)\b"),
    (
        5,
        (
            r"{start}(?:who(?:'s| is| has)?|which|what|how many)\b(?! i\b)(?: \S+){,4} ?(?:&|@"
            r"|\b(?:agents?|tasks?|jobs?)\b)|{start}who(?:'s| is| has)\b"
        ),
        (
            r"\b(?:busy|idle|free|working|running|done|waiting|finished|stuck|asking|open|left"
            r"|still|ready|failed|pending|needs?|on)\b"
        ),
        r"^(?!.*\b(?:did|do|have) (?:we|i)\b)",
    ),
    (
        4,
        (
            r"{request}(?: \S+){,5} (?:up to speed|up to date|in the loop|posted|status|update"
            r"|rundown|overview|progress|news|latest|catch-?up|recap|report|briefing|summary"
            r"|headlines|state of (?:play|things))\b"
        ),
        r"^(?!.*(?:@ (?:to|should|write|for)|\bnotes?\b|\btell @|\bask @|\bremember\b))",
    ),
    (
        4,
        r"^(?:any|quick|status|progress|update|updates|news|where|latest)\b",
        (
            r"\b(?:status|progress|update|updates|news|word|sign|signs|luck|results?|movement"
            r"|development\w*|at with|are we with|with)\b"
        ),
        r"^(?:\S+ ){,9}\S+$",
        r"^(?!where (?:did|have|do))",
    ),
    (
        4,
        (
            r"(?:{start}(?:tell|let|show|give)|\b(?:like to know|want to know|do you know"
            r"|need to know|check|see|curious|find out))\b(?: \S+){,3} (?:if|whether|how|what|where"
            r"|who)\b"
        ),
        r"{progress}|@|&|\b(?:got done|doing|going|up to|happened|far)\b",
        (
            r"^(?!.*(?:@ (?:to|should)|(?:ask|tell|have|get|let) (?:@|&)))(?!.*\b(?:we"
            r"|i) (?:decided|said|agreed|noted|had|put|saved|left)\b)"
        ),
    ),
    (
        4,
        (
            r"\b(?:done|finished|ready|through|fixed)(?: with (?:it|that|the .+))? (?:yet|already"
            r"|by now|or what|or not)$"
        ),
    ),
    (
        6,
        (
            r"\bwhere (?:have|has|are|is|do) (?:we|they|you|things|everyone|@"
            r"|the \w+)(?: all)? (?:got|gotten|come|at|up|stand|standing)\b|\bwhere (?:things|we"
            r"|they) (?:stand|are)\b|\b(?:fill|clue) me in\b|\bput me in the picture\b"
            r"|\bbring me up\b"
        ),
    ),
    (
        5,
        (
            r"\bwhat(?:'s| is) (?:the )?(?:hold ?up|hold-up|delay|matter|story|deal|word|state"
            r"|situation|score|status|news|result|outcome|progress|latest|position|verdict|eta"
            r"|plan of attack)\b(?: \S+)? ?(?:with|on|of|from|for|about|$)"
        ),
        r"^(?!.*\b(?:my|our) (?:notes|decision)\b)",
    ),
    (
        5,
        (
            r"\b(?:is|are|were|was) there (?:a|an|any|some|been any|already)? ?(?:results?|answers?"
            r"|news|updates?|progress|word|signs?|movement|feedback|outcome|problems?|errors?"
            r"|issues?)\b"
        ),
    ),
    (
        5,
        (
            r"\bwho(?:'s| is) (?:doing|working on|on|busy|stuck|free|still)\b"
            r"|\bwhat(?:ever)? (?:became|has become|came|has come|happened)(?: out)? (?:of|to)\b"
            r"|\bwhat(?:'s| is) (?:up|happening|going on|new) with\b"
        ),
        r"^(?!.*\b(?:we|i) (?:decide|agree|say|said))",
    ),
    (
        4,
        (
            r"^(?:(?:and|so|um|uh|hey|okay) )*(?:is|are|has|have|did|was|were|does|do|isn't|hasn't"
            r"|didn't|aren't|haven't) (?<!n't )(?:the|my|our|anything|anyone|anybody|everything"
            r"|everyone|any|that \w+ (?:job|task|thing)|they|it|we (?:any|done|there|closer|nearly"
            r"|getting))\b"
        ),
        (
            r"^(?!\S+ it (?:a|an|true|possible|me|just)\b)(?!.*\b(?:notes?|memory|weather|moon|ever"
            r"|decide|agree)\b)(?!\S+ the (?:best|same)\b)"
        ),
    ),
    (
        5,
        (
            r"\bwhere(?:'s| is) the (?:snag|hold ?up|hold-up|catch|problem|bottleneck)\b"
            r"|\bhow (?:do|are|does) (?:things|everything|it|we|the \w+)(?: \w+)? (?:look|stand"
            r"|looking|going|stack up)\b|(?:^|, )(?:the )?(?:state of (?:play|things)"
            r"|status(?: report)?|update|news|rundown|summary)(?: please)?$|\b(?:do|does) (?:i|we"
            r"|anyone|anybody|someone|somebody|any of them|they)\b(?: \S+){,3} (?:need|have"
            r"|want)\b(?: \S+){,4} (?:anything|something|me|decision|input|answer)\b"
            r"|\bis there (?:anything|something) (?:i|for me|you need|waiting)\b"
        ),
    ),
    (
        5,
        (
            r"^(?:is |are |and |so )*(?:everything|everybody|everyone|all|things)(?: \S+)? (?:okay"
            r"|ok|alright|all right|fine|good|well|in order|under control|on track|going"
            r"|quiet)\b(?! (?:out|in the end))"
        ),
        r"^(?:\S+ ){,7}\S+$",
    ),
    (
        7,
        (
            r"\bwhere(?:'s| is| are) (?:that|my|the|those|our) (?:\w+ )?(?:report|results?|summary"
            r"|draft|translation|answer|update|overview)\b|\bwhen (?:can|will|should|do) (?:i"
            r"|we) (?:expect|have|get|see|use|be able)\b|\b(?:do|have) you (?:have|got) (?:a |any "
            r"|some |my |the )?(?:results?|news|update|answer|anything)\b|^can (?:i"
            r"|we)\b(?: \S+){,6} (?:yet|already|now)$|^(?:have (?:we|you) )?heard (?:anything"
            r"|something|back)\b"
        ),
    ),
    (6, r"^(?:so |and )*what (?:is|are) (?:the|my|our) (?:\S+ ){1,4}(?:doing|up to)\b"),
    (
        7,
        (
            r"\bhow (?:do|are) (?:we|things|they) (?:stand|doing|getting on|placed|fixed)\b"
            r"|\b(?:anything|something|much) (?:happening|moving|doing|going on|stirring)\b"
        ),
    ),
)
