// A table of words, written by hand. Verbs that frames use by name, one each, and small closed classes.
extension PlantedTables {
    static let verbWords = """
        go: go/went/gone
        meet: meet/met
        change: change
        see: see/saw/seen; notice; spot!
        smile: smile; nod!; grin!; wink; wave; bow
        come: come/came/come; arrive; hurry
        give: give/gave/given; offer; lend/lent; hand
        say: say/said; whisper; answer; cry
        take: take/took/taken; drop!; gather; carry
        ask: ask; question; pester
        hold: hold/held; lift; grip!; polish
        sleep: sleep/slept; rest; dream
        keep: keep/kept; store; frame
        close: close; shut/shut; lock
        tell: tell/told
        remain: remain
        show: show/showed/shown; lend/lent; sell/sold; hand
        fill: fill
        compare: compare
        leave: leave/left; go home/went
        look: look; point
        find: find/found; reach
        display: show/showed/shown; contain; include
        mean: say/said
        alter: change; shift; swing/swung
        think: think/thought; dream; speak/spoke/spoken
        write: write/wrote/written
        tally: count; list; check
        conclude: conclude; note; find/found; report
        end: end; finish; close
        smell: smell; reek
        eat: eat/ate/eaten; finish
        add: add; fold; stir!
        cheer: cheer; roar; shout
        score: score; shoot/shot
        lead: lead/led
        grow: grow/grew/grown; turn
        fall: fall/fell/fallen; pour; settle
        rise: rise/rose/risen; fall/fell/fallen; drop!
        cross: cross; approach
        spend: spend/spent; pass
        arrive: arrive; depart; leave/left
        strike: strike/struck
        join: join
        tune: tune; clean; test
        ring: ring/rang/rung
        read: read/read; copy; skip!
        hum: hum!; buzz; drift
        plant: plant; set/set
        spread: spread/spread; scatter; rake
        sign: sign; stamp; file
        send: send/sent; forward; print
        pass: pass; end
        front certainty=sure: certainly; without doubt; of course; clearly; surely; obviously; undoubtedly; no doubt
        front certainty=unsure: perhaps; maybe; possibly; probably; apparently; presumably; it seems; supposedly
        front certainty=-: _
        talkgreet formality=formal: good day; good evening; pardon the question; a very good morning to you
        talkgreet formality=casual: hey; hiya; hi there; yo
        talkgreet formality=-: hello; good morning; well; so
        want: want
        hope: hope; look; search
        need: need; require
        promise: promise
        wait: wait
        lose: lose/lost; misplace; forget/forgot/forgotten
        help: help
        bring: bring/brought; carry
        set: plant; put/put
        sit: sit/sat
        laugh: laugh; giggle
        clap: clap!; sing/sang/sung
        admire: photograph; paint
        everyone: everyone; everybody; the others
        """
}
