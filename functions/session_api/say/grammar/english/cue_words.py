"""English. The word classes of the cues."""

from __future__ import annotations

CUE_PARTS = {
    # An agent by name without an article, as somebody is called.
    "called": r"\u16a0",
    "start": (
        r"(?:^|, |\b(?:and|so|but|then|please|now|just|okay|ok|well|right|uh|um|er|no|yes|yeah|also"
        r"|hey|alright|let's|could you|can you|would you|will you|you can|kindly|quickly|oh|hm|hmm"
        r"|go|to) )"
    ),
    "no_subject": (
        r"(?<!\bi )(?<!\bwe )(?<!\byou )(?<!\bthey )(?<!\bhe )(?<!\bshe )(?<!\bwho )(?<!\bpeople"
        r" )(?<!\beverybody )(?<!\bto )(?<!\bnot )(?<!n't )(?<!\bnever )(?<!\balways )(?<!\bcan"
        r" )(?<!\bwill )(?<!\bwould )(?<!\bcould )(?<!\bshould )(?<!\bmust )(?<!\bmay )(?<!\bmight"
        r" )(?<!\bdo )(?<!\bdid )(?<!\bcannot )(?<!\bthe )(?<!\ba )(?<!\bof )(?<!\bmy )(?<!\bin"
        r" )(?<!\bfor )(?<!\bbus )(?<!\bby )(?<!'ll )(?<!'d )(?<!\bn't )"
    ),
    "one": r"(?:@|&)",
    "entrust": (
        r"(?:ask|have|get|let|tell|make|put|set|send|point|assign|use|hire|task|sic|throw|toss"
        r"|chuck|fire up|kick off|start|run|launch|wake(?: up)?|enlist|engage|grab|rope in|loop in"
        r"|bring in|call in|pull in|instruct|order|request|deploy|direct|nudge|summon|dispatch|book"
        r"|line up|give|hand|pass|delegate|leave|turn|shift|farm|outsource|entrust|commission|ping"
        r"|message|poke|prod|involve|take|do|fling|shove|bounce|forward|route|refer|stick|plonk"
        r"|park|pop|plug|bring|sit|let loose|unleash|loose)"
    ),
    # A verb as it is in a dictionary: not of the past, not of the third person.
    "base": (
        r"(?!(?:be|been|not|never|know|win|cost|feel|seem|become|mean|really|have (?:been|known)"
        r"|get (?:a|an|some) (?:prize|award|medal|raise|rest|break|holiday|name|body)|is|was|has"
        r"|had|did|does|are|were|and|or|but|in|on|at|of|for|to|from|with|by|the|a|an|my|our|it|i|we"
        r"|you|he|she|they|that|this|which|who|wrote|made|built|broke|said|told|found|took|gave"
        r"|went|came|got|ran|began|left|kept|can|could|would|will|might|may|because|than|if|when"
        r"|while|as|about|too|very|so|just|also|again|yesterday|today|once|twice|still|better"
        r"|faster|well)\b)(?![a-z]+(?:ed|ing|ly|ness|tion)\b)(?![a-z]+[^s]s\b(?<!focus)(?<!canvas))"
        r"[a-z]{2,}\b"
    ),
    "object": (
        r"(?:the|a|an|my|our|me|us|this|that|these|those|all|every|each|any|some|it|its|their|his"
        r"|her|your|them|up|out|into|through|for|if|how|what|why|whether|to|on|with|down|over|in|at"
        r"|about|from|together|one|two|three|four|five|ten|\d+|everything|another|both|more|around"
        r"|off|back|when|where|who|which|and|new|no)\b"
    ),
    "do_it": (
        r"(?:add|write|create|make|find|remove|delete|refactor|rewrite|rename|implement|improve|get"
        r"|generate|summari[sz]e|translate|convert|compare|draft|prepare|collect|gather|investigate"
        r"|analy[sz]e|extract|install|configure|clean|tidy|merge|migrate|replace|rework|build|test"
        r"|update|review|plan|design|format|change|fix|check|research|do|finish|sort|run|look|work)"
    ),
    "wish": (
        r"\b(?:i(?:'d| would)(?: really| very much)? (?:like|love|want|prefer|appreciate it if"
        r"|be (?:happy|glad|grateful) if)|i (?:really )?(?:need|want|wish to have|think|reckon"
        r"|suggest|propose|say|vote)|we (?:need|want|think)|(?:it'd|it would|would|that'd"
        r"|that would) be \w+ (?:if|for|to have)|i'm (?:going to|gonna) (?:need|want|have)"
        r"|i'll (?:need|want|have)|we'll (?:need|have)|i was (?:hoping|wondering if|thinking)"
        r"|i'm hoping|how about|what about|why don't we (?:have|get|let)|what i(?:'d like|'d love"
        r"| want| need) is)"
    ),
    "request": (
        r"(?:\b(?:give|get|bring|keep|tell|catch|fill|send|read|show|i need|i want|i'd like|what's"
        r"|let's have|may i have|quick|short|brief|any|can i (?:have|get)|could i (?:have|get)|hit"
        r"|run)\b)"
    ),
    "halt": (
        r"(?:stop|cancel|kill|abort|halt|scrap|drop|ditch|axe|bin|call off|shut down|shut off"
        r"|pull the plug on|terminate|quit|abandon|nix|scratch|forget(?: about)?|knock off|wrap up"
        r"|cut short|discontinue|cease|give up|switch off|turn off|interrupt|suspend|pause|end"
        r"|leave off|discard)"
    ),
    "give_up": (
        r"(?:stop|halt|quit|abort|cancel|give (?:it )?up|cease|pause|go home|take a break"
        r"|drop (?:it|that|this|what|everything|all)|forget (?:it|that|about|the|all|everything)"
        r"|leave (?:it|that|the .+) (?:be|alone|there)|leave it|knock (?:it|that) off|knock off"
        r"|pack (?:it|that) (?:in|up)|call it (?:a day|quits)|down tools|stand down|hold off"
        r"|lay off|back off|wind (?:it )?down|wrap (?:it )?up|cut it out|abandon|scrap|not bother"
        r"|let it (?:go|be|drop)|put (?:it|that) down|put down)\b"
    ),
    "a_task": (
        r"\b(?:tasks?|jobs?|run|work|search|build|script|migration|analysis|research|import|export"
        r"|report|rewrite|refactor\w*|translation|agent|agents|thing|project|tests?)\b"
    ),
    "progress": (
        r"\b(?:done|finished|ready|complete|completed|through|yet|already|still|progress|far|along"
        r"|running|working|back|fixed|stuck|passed|gone through|worked|success\w*|results?"
        r"|come (?:up|back|through|along)|moving|coming along|by now|so far|finally|any luck"
        r"|any closer|over|under way|underway|on track|made it|delivered|turned up|getting)\b"
    ),
    "asking_word": (
        r"(?:^|, |\b(?:and|so|um|uh|er|again|okay|tell me|you know|hey|remind me|on|at|in|for|by"
        r"|from|to|with) )(?:when|where|who|whose|what(?! an? )|which(?! (?:is|was|are|were|means"
        r"|makes|i|we)\b)|how (?:much|many|often|old|long|big|high|far|did|do|was|does)|why|what's"
        r"|who's|where's|when's)"
    ),
    "kept_verb": (
        r"(?:decide[d]?|agreed?|said|say|noted?|wrote|write|written|stored?|saved?|mention(?:ed)?"
        r"|told|planned|plan|chose|chosen|settled?|picked?|promised?|discussed?|recorded?|logged"
        r"|kept|keep|jotted|put(?: down)?|dictated|left|talked|concluded?|gave|set|call(?:ed)?"
        r"|wanted|meant|had)\b"
    ),
    "fetch": (
        r"\b(?:find|search|look up|look for|recall|look through|show"
        r"|(?<!the )(?<!my )(?<!our )(?<!a )(?<!-)(?<!do )(?<!shopping )list|read|pull(?: up| out)?"
        r"|bring up|dig(?: up| out)?|get|give|fetch|retrieve|hunt down|tell|what(?:'s| is| are| was"
        r"| were)?|which|check|is there|are there|do i have|do we have|any|have i|have we"
        r"|where(?:'s| is| are| did)?|locate|let me (?:see|hear)|remind me of|go over)\b"
    ),
    "store": (
        r"\b(?:(?:my|our|the|your|any|all|on|in|those|that|a) (?:[\w'-]+ ){,3}?(?:notes?"
        r"|(?:shopping|to-?do|to do|packing|wish|grocery|reading)? ?lists?|memory|memories"
        r"|decisions?|ideas?|action items?|to-?dos?|preferences?|reminders?|facts?|risks?))\b"
    ),
    "keep": (
        r"(?:remember|note|jot|save|store|keep|log|record|pin|file|stash|bookmark|scribble|memo"
        r"|mark down|make a (?:mental )?note|take a note|bear in mind|keep in mind|for the record"
        r"|note to self|commit to memory|memori[sz]e|take this down|get this down|put it on record"
        r"|put on record|make sure (?:i|we) (?:remember|don't forget))"
    ),
    "session": r"\b(?:session|conversation|chat|thread)",
}
