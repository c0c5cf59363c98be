// A table of words, written by hand; it may be longer than other files. The form is that of `topicWords`.
extension PlantedTables {
    static let commonWords = """
        hero,who,youhero person=third gender=f: Anna; Clara; Ellen; Ida; Julia; Laura; Maria; Nora; Olga; Petra; Sarah; Tessa; Vera; Wanda; Agnes; Bertha
        hero,who,youhero person=third gender=m: Adam; Boris; Carl; David; Edgar; Felix; Gustav; Henry; Ivan; Jonas; Karl; Leo; Martin; Oscar; Peter; Simon
        who person=first: I
        who,youhero person=third gender=f: she
        who,youhero person=third gender=m: he
        youhero person=first: you
        my person=first: my
        my person=third gender=f: her
        my person=third gender=m: his
        me person=first: me
        me person=third gender=f: her
        me person=third gender=m: him
        self person=first: myself
        self person=third gender=f: herself
        self person=third gender=m: himself
        pal: Alice; Bruno; Cecily; Dennis; Emma; Frank; Greta; Hugo; Irene; Jacob; Katie; Lewis; Molly; Nathan; Otto; Paula; Ralph; Sophie; Thomas; Ursula
        signer: Albert; Beatrice; Conrad; Dorothy; Edwin; Flora; Gordon; Harriet; Isabel; Julian; Margaret; Rupert
        be: be
        have: have/had
        aux tense=past: did
        aux tense=present person=first: do
        aux tense=present person=third: does
        aux tense=future: will

        time tense=past: yesterday; last week; last month; last Sunday; a year ago; two days ago; last winter; the other day; long ago; last night; three weeks ago; last spring
        time tense=present: today; these days; every day; every Sunday; nowadays; every morning; this week; at present; every evening; most days; right now; every weekend
        time tense=future: tomorrow; next week; next month; next Sunday; the day after tomorrow; in two days; next winter; before long; next year; tomorrow night; in three weeks; next spring
        often: often; always; usually; rarely; seldom; sometimes; still; again
        count: two; three; four; five; six; seven; eight; nine; ten; twelve; twenty; thirty
        num: half; a third; a quarter; most; nearly all; two thirds

        adj sentiment=positive: lovely; wonderful; splendid; delightful; excellent; superb; marvellous; charming; brilliant; gorgeous; magnificent; fantastic; perfect; amazing; beautiful; glorious; pleasant; impressive; fabulous; enchanting; exquisite; terrific; outstanding; heavenly; inspiring
        adj sentiment=negative: awful; terrible; dreadful; horrible; disappointing; miserable; poor; dismal; ghastly; hideous; boring; appalling; dull; mediocre; disgusting; tedious; shabby; pathetic; atrocious; unpleasant; wretched; rotten; nasty; hopeless; depressing
        adj sentiment=-: ordinary; usual; typical; plain; familiar; common; simple; modest; normal; unusual; new; different
        feel sentiment=positive: happy; delighted; cheerful; proud; thrilled; grateful; joyful; overjoyed; content; merry; hopeful; glad
        feel sentiment=negative: sad; angry; upset; gloomy; furious; bitter; annoyed; unhappy; frustrated; heartbroken; ashamed; irritated
        feel sentiment=-: curious; calm; relaxed; quiet; serious; practical; undecided; thoughtful
        like sentiment=positive: love; enjoy; adore; admire; praise; cherish; treasure; applaud; recommend; celebrate
        like sentiment=negative: hate; dislike; loathe; detest; despise; regret!; resent; condemn; curse; criticise
        like sentiment=-: mention; remember; describe; notice; examine; recall; sketch; picture
        manner sentiment=positive: beautifully; brilliantly; superbly; joyfully; perfectly; happily; splendidly; wonderfully; skilfully; gracefully
        manner sentiment=negative: badly; terribly; miserably; poorly; clumsily; horribly; dreadfully; carelessly; hopelessly; sadly
        manner sentiment=-: quietly; slowly; quickly; calmly; briefly; silently; steadily; carefully
        verdict sentiment=positive: a joy; a delight; a triumph; a pleasure; a treat; a great success; a dream come true; a masterpiece; a blessing; a small wonder
        verdict sentiment=negative: a disaster; a nightmare; a failure; a disgrace; a letdown; a complete mess; a waste of time; a fiasco; a catastrophe; a sad joke
        verdict sentiment=-: a surprise; a novelty; a routine; a change; a matter of taste; a first attempt; a new experience; a detail
        mood sentiment=positive: joy; happiness; delight; pride; gratitude; laughter
        mood sentiment=negative: anger; misery; sorrow; despair; shame; disgust
        mood sentiment=-: curiosity; patience; interest; surprise
        sigh sentiment=positive: what a treat; how lovely; hooray; how wonderful; bravo; good news
        sigh sentiment=negative: what a shame; how awful; alas; how dreadful; what a pity; bad news
        sigh sentiment=-: well now; very well; so it goes; there it is
        turn sentiment=positive: flourish; improve; succeed; shine/shone; sparkle; triumph
        turn sentiment=negative: fail; deteriorate; collapse; suffer; decline; disappoint
        turn sentiment=-: continue; change; vary; pause; stop!; begin/began/begun

        sure certainty=sure: certainly; definitely; undoubtedly; clearly; surely; obviously; unquestionably; plainly; most certainly
        sure certainty=unsure: possibly; probably; quite possibly; most probably; apparently; presumably; supposedly; conceivably; arguably; seemingly
        sure certainty=-: _
        opener certainty=sure: there is no doubt that; it is quite certain that; it is beyond question that; everyone knows that; it is a fact that; there can be no question that
        opener certainty=unsure: it may be that; it is just possible that; it seems that; nobody really knows whether; it is rumoured that; there is a chance that
        opener certainty=-: it is said that; the story goes that; the news is that; the point is that

        very formality=formal: exceedingly; remarkably; extremely; particularly; profoundly; exceptionally; notably; decidedly
        very formality=casual: super; totally; pretty; crazy; mega; insanely; ridiculously; seriously
        very formality=-: very; quite; rather; truly; so
        lots formality=formal: a considerable number of; numerous; a substantial quantity of; a multitude of; a great many; several distinguished
        lots formality=casual: loads of; tons of; heaps of; a bunch of; piles of; a whole lot of
        lots formality=-: many; several; some; a few; a lot of; countless
        link formality=formal: furthermore,; moreover,; subsequently,; in addition,; thereafter,; in due course,; accordingly,; it must be noted that; consequently,; for the record,
        link formality=casual: anyway,; plus,; guess what:; so yeah,; get this:; oh, and; thing is,; long story short,; by the way,; you see,
        link formality=-: then; afterwards,; also,; later,; soon; meanwhile,; in the end,; at the same time,
        get formality=formal: acquire; obtain; purchase; procure; request; receive
        get formality=casual: grab!; nab!; snag!; bag!; swap!; pinch
        get formality=-: buy/bought; borrow; collect; pack; fetch; mend
        folk formality=formal: acquaintances; associates; relatives; guests; ladies and gentlemen; dignitaries
        folk formality=casual: mates; buddies; kids; pals; chums; guys
        folk formality=-: friends; people; neighbours; children; visitors; cousins
        talk formality=formal: converse; consult; deliberate; confer!
        talk formality=casual: chat!; gab!; yap!; joke around
        talk formality=-: talk; speak/spoke/spoken; laugh; argue
        greet formality=formal: dear Doctor; dear Professor; esteemed Colleague; honoured Doctor
        greet formality=casual: hey; hiya; hi there; yo
        greet formality=-: dear; hello; my dear; greetings
        signoff formality=formal: yours faithfully; yours sincerely; respectfully yours; with the highest regard
        signoff formality=casual: cheers; see ya; bye for now; hugs
        signoff formality=-: yours; as ever; until then; with a wave
        auxthird tense=past: did
        auxthird tense=present: does
        auxthird tense=future: will
        yes formality=formal: indeed; very much so; quite correct; most assuredly
        yes formality=casual: yeah; yep; sure thing; you bet
        yes formality=-: yes; right; true; exactly

        please politeness=polite: please; kindly
        courtesy politeness=polite: if it is no trouble; with your permission; whenever it suits you; if you do not mind; at your leisure
        fool politeness=rude: you fool; you idiot; you lazy lump; you blockhead; you numbskull; you dimwit; you donkey; you old windbag
        thanks politeness=polite: thank you very much; many thanks; forgive the trouble; pardon the interruption; please accept our thanks; we beg your pardon
        thankfor politeness=polite: thank you very much; many thanks; please accept our thanks; a thousand thanks; our warmest thanks; we are much obliged to you
        thanks politeness=rude: shut up; get lost; mind your own business; stop wasting our time; nobody asked you; go away
        """
}
