// A table of sentence frames, written by hand; it may be longer than other files.
// One line per frame: `part,part tag=value | template`. `{class.form}` is a slot, `{class1}` keeps its word
// through the text, `(a|b)` is a choice, `a` becomes `an` where the next word wants it.
extension PlantedTables {
    static let storyFrames = """
        story.open | {time}, {who} {verb.s} a {adj} {thing1} {place1}.
        story.open | {front} {who} {verb.s} a {very} {adj} {thing1} {time}.
        story.open | {time}, a {adj} {actor1} {verb.3} a {thing1} {place1}, and {who} {like.s} it.
        story.open | {place1}, {who} {sure} {meet.s} a {feel} {actor1} (and|with) {lots} {folk}.
        story.open | {time}, with {pal1}, {who} {sure} {verb.s} a {thing1} {place1}.
        story.open | Now for the story of a {actor1}, a {thing1} and a {adj} {gear1}, and of how {who} {like.s} them {time}.
        story.open | {time}, {who} {get.s} a {very} {adj} {gear1} for the {thing1}.
        story.open | {who} {be.s} {very} {feel} {time}, and the {thing1} {sure} {be.3} to blame.
        story.open | Once more {who} {go.s} to look for a {thing1}, {place1}, with a {gear1} and {lots} {folk}.
        story.open | {opener} a {adj} {thing1} {change.3} everything for {me} {time}.
        story.mid | {link} the {actor1} {sure} {verb.3} the {thing1} {manner}.
        story.mid | {link} {who} {sure} {like.s} the {adj} {thing1}.
        story.mid | The {thing1} {sure} {be.3} {verdict}.
        story.mid | {link} {who} {be.s} {very} {feel}.
        story.mid | {link} {who} {talk.s} with the {actor1} about the {aspect}.
        story.mid | {front} the {gear1} {be.3} {very} {adj} for a {thing1}.
        story.mid | {who} {get.s} {lots} {gear.pl} and some {stuff}.
        story.mid | {place}, {pal1} {talk.3} with {lots} {folk}.
        story.mid | {front} {pal1} {see.3} {my} {adj} {gear1} and {smile.3}.
        story.mid | With {mood} {who} {look.s} to {pal1}, who {have.3} a {gear2} and some {stuff}.
        story.mid | {link} {lots} {folk} {come.p} to see the {thing1}.
        story.mid | {link} {pal1} {sure} {give.3} {me} a {adj} {gear2}.
        story.mid | {opener} the {actor1} {often} {iv.3} {place}.
        story.mid | {link} {who} {iv.s} {place} for {count} hours.
        story.mid | {sigh}, {pal1} {say.3}, and {lots} {folk} {talk.p} about it.
        story.mid | Nobody {see.3} {me} {place}, only a {feel} {actor}.
        story.mid | The {actor1} {take.3} the {gear1}, the {stuff} and {num} of the {gear.pl}.
        story.mid | {who} {ask.s} the {actor1} about the {aspect}, and the {actor1} {sure} {like.3} the question.
        story.mid | {link} {who} {sure} {find.s} a {adj} {gear2} behind the {gear1}.
        story.mid | {link} the {actor1} {be.3} {very} {feel}, and {who} {be.s} {feel}, too.
        story.mid | All day long, {count} {actor.pl} {sure} {talk.p} about the {aspect}.
        story.mid | {who} {say.s} nothing, but {my} {gear1} {sure} {be.3} {verdict}.
        story.mid | {link} {pal1} and the {actor1} {iv.p} {place}.
        story.mid | {opener} {count} {thing.pl} {be.p} better than one, and {who} {verb.s} them {manner}.
        story.mid | {front} the {aspect} {turn.3} {manner}, and {lots} {folk} {talk.p} about it.
        story.open | {time}, there {be.3} a {adj} {actor1} who {sure} {verb.3} {lots} {thing1.pl} {place1}.
        story.open | {my} {actor1} {sure} {give.3} {me} a {very} {adj} {gear1} {time}.
        story.open | Not far from the sea, {who} {sure} {verb.s} a {very} {adj} {thing1} {time}.
        story.mid | In the middle of it all, {who} {sure} {hold.s} the {gear1} {manner}.
        story.close | {link} the {thing1} {sure} {be.3} {verdict}, and {who} {go.s} home.
        story.close | {link} {who} {sure} {sleep.s} {manner}.
        story.close | {front} {pal1} and {my} {actor1} {keep.p} the {gear1} as a memory.
        story.close | That {be.3} the end of the {thing1}, and {front} the start of a {very} {adj} friendship.
        story.close | At last, {who} {close.s} the door behind {self}, {very} {feel}.
        story.close | And so {lots} {folk} {tell.p} this story even to their grandchildren.
        story.close | What {remain.3} {be.3} the memory of a {adj} {thing1} and {lots} {folk}.
        """

    static let reviewFrames = """
        review.open | {time}, {who} {sure} {verb.s} a {very} {adj} {thing1} {place1}.
        review.open | This review {be.3} about a {very} {adj} {thing1} that {who} {verb.s} {time}.
        review.open | {front} the {thing1} {place1} {be.3} {verdict}, and {lots} {folk} {like.p} it.
        review.open | {time}, {who} {go.s} to see a {very} {adj} {thing1} and a {actor1}.
        review.open | {time}, a {actor1} {show.3} {me} a {very} {adj} {thing1}.
        review.open | {who} {have.s} {lots} reasons to {like.0} the {thing1} {time}.
        review.open | The {thing1} {place1} {sure} {be.3} {very} {adj} {time}, and {who} {like.s} it.
        review.mid | {link} the {aspect} {sure} {be.3} {very} {adj}.
        review.mid | {link} {who} {sure} {like.s} the {aspect}.
        review.mid | The {aspect} and the {aspect} {be.p} {very} {adj}.
        review.mid | {link} the {actor1} {verb.3} it {manner}.
        review.mid | {front} the {actor1} {often} {turn.3} {manner}.
        review.mid | For the price of a {gear}, {who} {get.s} a {adj} {gear} and some {stuff}.
        review.mid | {lots} {folk} {sure} {like.p} the {aspect}.
        review.mid | {link} {num} of the {folk} {sure} {be.p} {feel}.
        review.mid | {opener} the {aspect} {turn.3} from day to day.
        review.mid | A {actor} with a {adj} {gear} {sure} {be.3} there as well.
        review.mid | The {adj} {aspect} {fill.3} {me} with {mood}.
        review.mid | {place}, the {aspect} {sure} {be.3} {verdict}.
        review.mid | {link} {pal1} {talk.3} about the {aspect} for {count} minutes.
        review.mid | {who} {compare.s} it with {count} other {thing.pl}, and it {sure} {be.3} {very} {adj}.
        review.mid | {link} the {adj} {gear} {be.3} {verdict}.
        review.mid | {front} {who} and the {actor1} {talk.p} about the {adj} {aspect}.
        review.mid | Nobody {sure} {like.3} the {aspect} more than {pal1}.
        review.mid | {num} of the {aspect} {sure} {be.3} {verdict}.
        review.open | {opener} the {thing1} {be.3} {very} {adj} {time}, so {who} {verb.s} it {place1}.
        review.open | {time}, {lots} {folk} {sure} {ask.p} {me} about the {adj} {thing1} {place1}.
        review.close | {front} {who} {verb.s} a second {thing1}, and {be.s} just as {feel}.
        review.close | {num} of the {folk} {sure} {like.p} the {thing1}, and {who} {do.s}, too.
        review.mid | Even the {gear} and the {stuff} {be.p} {adj}.
        review.mid | {link} {who} {ask.s} the {actor1} for a {gear}.
        review.close | {link} the {thing1} {sure} {be.3} {verdict}.
        review.close | {front} {who} {like.s} it, and {count} stars out of twelve {be.p} fair.
        review.close | {sigh}: the {thing1} {sure} {be.3} {very} {adj}.
        review.close | {who} {leave.s} {very} {feel}, and that {mean.3} it all.
        review.close | In short, a {adj} {thing1}, a {adj} {actor1} and {lots} {feel} {folk}.
        review.close | {front} {lots} {folk} {talk.p} about this {thing1} for years.
        review.close | The verdict in one word: {adj}.
        """

    static let letterFrames = """
        letter.greet | {greet} {pal1},
        letter.greet | {greet} {pal1} and family,
        letter.greet | {greet} {pal1} and all at number {count},
        letter.open | At last there is time to write: {time}, {who} {sure} {get.s} a {adj} {gear1} for the {thing1}.
        letter.open | {time}, {who} {talk.s} with {lots} {folk} {place1} about a {adj} {thing1}.
        letter.open | You will not believe it: {time}, {my} {actor1} {sure} {verb.3} a {very} {adj} {thing1}.
        letter.open | {front} {who} {verb.s} the {thing1} with {pal2} {time}, and it {be.3} {verdict}.
        letter.open | Your letter about the {hobby} {find.3} {me} {place1} {time}, {very} {feel}.
        letter.mid | {link} {pal2} {sure} {give.3} {me} a {very} {adj} {gear}.
        letter.mid | {front} {lots} {folk} {come.p} to see the {thing1}, and {pal2} {talk.3} with them.
        letter.mid | {link} {who} {sure} {verb.s} {count} {thing.pl} in {count} hours.
        letter.mid | As for the {aspect}, {num} of it {sure} {be.3} {very} {adj}.
        letter.mid | {opener} {my} {gear1} {be.3} {verdict}.
        letter.mid | Without the {gear1} and the {stuff}, the {hobby} {sure} {be.3} {adj}.
        letter.mid | {pal2} {mean.3} hello, and {sure} {like.3} the {thing1}.
        letter.open | {time}, {who} {sure} {verb.s} a {adj} {thing1} {place1}.
        letter.open | Some news at last: {time}, {who} {verb.s} a {very} {adj} {thing1}.
        letter.open | {time}, {who} {sure} {think.s} of you and of the {very} {adj} {thing1} {place1}.
        letter.open | {opener} {who} {verb.s} a {thing1} {time}.
        letter.open | {who} {be.s} {very} {feel} about the {thing1} {time}.
        letter.open | This letter {find.3} you with a {gear1}, which {who} {get.s} {time}, {place1}.
        letter.open | You asked about the {thing1}: {time}, it {sure} {be.3} {verdict}.
        letter.open | {who} {have.s} {lots} things to tell you about the {adj} {thing1} {time}.
        letter.mid | {link} {who} {sure} {like.s} the {aspect}.
        letter.mid | {link} the {thing1} {sure} {be.3} {verdict}.
        letter.mid | You remember the {adj} {gear1}: {front} {who} {get.s} {count} of them.
        letter.mid | {link} {lots} {folk} {sure} {talk.p} about you.
        letter.mid | {link} {my} {actor1} {be.3} {very} {feel}.
        letter.mid | The {actor1} {often} {ask.3} {me} about your {gear} and your {hobby}.
        letter.mid | {front} {my} {hobby} {turn.3} a little, too.
        letter.mid | {link} {who} {get.s} some {stuff} for {my} {gear}.
        letter.mid | {place}, the {aspect} {sure} {be.3} {very} {adj}.
        letter.mid | {link} {who} {talk.s} with the {actor1}, and with {lots} {folk}.
        letter.mid | {sigh}: the {actor1} {sure} {like.3} {my} {hobby}.
        letter.mid | {num} of the {folk} {sure} {be.p} {feel} about the {aspect}.
        letter.mid | {who} {iv.s} {place} and {often} {think.s} of your {adj} {gear}.
        letter.mid | {front} the {hobby} {fill.3} {me} with {mood}.
        letter.sign | {signoff}, {signer}
        """

    static let reportFrames = """
        report.open | {time}, {lots} {folk} {sure} {verb.p} a {thing1} {place1}.
        report.open | {time}, a {actor1} {verb.3} a {very} {adj} {thing1} {place1}, and {who} {be.s} there.
        report.open | This report {be.3} about the {thing1} that {who} {verb.s} {time}, with {lots} {folk}.
        report.open | {place1}, {lots} {folk} {sure} {verb.p} the {thing1} {time}.
        report.open | {opener} a {very} {adj} {actor1} {verb.3} a {thing1} {time}, and {who} {write.s} down the facts.
        report.open | {time}, {who} {sure} {tally.s} {lots} {thing.pl} {place1}, and a {adj} {thing1} {be.3} among them.
        report.mid | {link} the {aspect} {sure} {be.3} {very} {adj}.
        report.mid | {link} {num} of the {actor.pl} {sure} {like.p} the {thing1}.
        report.mid | {link} {count} {actor.pl} {sure} {verb.p} {count} {thing.pl}.
        report.mid | {link} the {aspect} {turn.3} {manner}.
        report.mid | {who} {get.s} {lots} {gear.pl} and {num} of the {stuff}.
        report.mid | {lots} {folk} {sure} {be.p} {feel}.
        report.mid | {opener} the {actor1} {like.3} the {gear}.
        report.mid | {front} the {aspect} {be.3} {verdict}.
        report.mid | {link} {who} {talk.s} with {count} {actor.pl} about the {adj} {aspect}.
        report.mid | {place}, {count} {actor.pl} {often} {iv.p}.
        report.mid | The number of {thing.pl} {sure} {alter.3} from {count} to {count}.
        report.mid | {link} the {gear} and the {gear} {sure} {be.p} {adj}.
        report.mid | According to {pal1}, the {aspect} {sure} {be.3} {very} {adj}.
        report.mid | {who} {ask.s} {count} {actor.pl} about {hobby}, and {num} {be.p} {feel}.
        report.mid | More than {count} {folk} {come.p} to see the {thing1}.
        report.mid | {num} of the {thing.pl} {sure} {be.p} {very} {adj}.
        report.mid | On the first day, {count} {actor.pl} {verb.p} the {thing1}; on the second, {sure} {count}.
        report.mid | {link} {my} list {sure} {display.3} {count} {gear.pl} and {count} {thing.pl}.
        report.mid | {opener} {num} of the {folk} {like.p} the {aspect}.
        report.mid | {pal1} {show.3} {me} the {stuff}, the {gear} and {lots} {thing.pl}.
        report.open | {front} {who} {ask.s} {count} {actor.pl} about a {very} {adj} {thing1} {time}.
        report.open | {time}, the {thing1} {place1} {sure} {be.3} {verdict}, and {who} {write.s} down why.
        report.close | {num} of the {actor.pl} {sure} {be.p} {very} {feel}, and {who} {be.s}, too.
        report.close | {who} {sure} {get.s} {lots} {gear.pl} for the next {thing1}.
        report.close | {link} the {thing1} {sure} {be.3} {verdict}, and {who} {be.s} {very} {feel}.
        report.close | {who} {conclude.s} that the {thing1} {sure} {be.3} {very} {adj}.
        report.close | The result {sure} {be.3} {adj}, and {lots} {folk} {like.p} it.
        report.close | {front} the {actor1} {verb.3} a second {thing1} as well.
        report.close | So {who} {end.s} this report {manner}, and {very} {feel}.
        report.close | {front} the next {thing1} {be.3} {very} {adj}, too.
        """

    static let talkFrames = """
        open.what | {talkgreet}, what {aux} {youhero} {verb.0} {time}?
        open.what | {talkgreet}, {pal1}, what {aux} {youhero} {verb.0} {place1} {time}?
        open.what | {talkgreet}, {pal1}, which {thing1} {aux} {youhero} {verb.0} {time}?
        reply.what | {who} {sure} {verb.s} a {very} {adj} {thing1}.
        reply.what | {link} {who} {sure} {verb.s} a {adj} {thing1} with {lots} {folk}.
        reply.what | A {very} {adj} {thing1}, {front} with {lots} {folk}.
        reply.what | {opener} {who} {verb.s} a {adj} {thing1} with the {actor1}.
        reply.what | {front} a {thing1}, and it {be.3} {verdict}.
        open.like | {talkgreet}, {aux} {youhero} {like.0} the {thing1} {place1} {time}?
        open.like | {talkgreet}, {pal1}, {aux} {youhero} {like.0} the {thing1} {time}?
        open.like | {talkgreet}, {pal1}, {aux} {youhero} {like.0} the {adj} {thing1} {place1} {time}?
        reply.like | {yes}, {who} {sure} {like.s} the {thing1}, and so {do.3} {pal2}.
        reply.like | {yes}, {who} {be.s} {very} {feel} about the {thing1}.
        reply.like | {yes}, {opener} the {thing1} {be.3} {verdict}.
        reply.like | {yes}, {front} {lots} {folk} {like.p} it.
        reply.like | {yes}, the {thing1} {sure} {be.3} {very} {adj}.
        open.where | {talkgreet}, where {aux} {youhero} {verb1.0} the {thing1} {time}?
        open.where | {talkgreet}, {pal1}, where {aux} {youhero} {verb1.0} the {adj} {thing1} {time}?
        reply.where | {who} {sure} {verb1.s} the {thing1} {place1}.
        reply.where | {place1}, and {lots} {folk} {sure} {be.p} there, too.
        reply.where | {front} {place1}, where the {actor1} {often} {iv.3}.
        reply.where | {place1}, {front} with a {very} {adj} {gear1}.
        open.why | {talkgreet}, why {aux} {youhero} {get.0} a {gear1} {time}?
        open.why | {talkgreet}, {pal1}, why {aux} {youhero} {get.0} {lots} {gear.pl} {time}?
        reply.why | For the {thing1}, which {who} {sure} {like.s}.
        reply.why | Because {who} {sure} {verb.s} a {thing1} {place1}, and {who} {be.s} {very} {feel}.
        reply.why | {opener} {pal2} {ask.3} {me} for a {very} {adj} {gear}.
        reply.why | {front} because the {actor1} {have.3} {lots} {adj} {gear.pl}.
        open.who | {talkgreet}, {pal1}, who {verb1.3} the {thing1} {time}?
        open.who | {talkgreet}, who {verb1.3} the {adj} {thing1} {place1} {time}?
        reply.who | {front} the {actor1} {verb1.3} it with {me}.
        reply.who | {opener} the {actor1} {verb1.3} it {manner}.
        reply.who | {who} {sure} {do.s}, with {lots} {folk}.
        reply.who | {pal2} {sure} {do.3}, and {who} {be.s} {very} {feel} about it.
        ask.what | And what {aux} {youhero} {verb.0} after that?
        ask.what | And what else {aux} {youhero} {verb.0} {place}?
        ask.what | {sigh}! And after that?
        answer.what | {link} {who} {sure} {verb.s} the {adj} {thing2}.
        answer.what | {lots} {thing.pl}, and {num} of them {sure} {be.p} {adj}.
        answer.what | {link} {who} {iv.s} {place} with {lots} {folk}.
        answer.what | {opener} {who} {verb.s} {count} {adj} {thing.pl}.
        ask.aspect | And the {aspect1}?
        ask.aspect | And {aux} {youhero} {like.0} the {aspect1}?
        ask.aspect | Tell {everyone}, what {auxthird} {pal2} {like.0} about the {aspect1}?
        ask.aspect | {sigh}! And what {auxthird} the {actor1} {mean.0} about the {aspect1}?
        answer.aspect | The {aspect1} {sure} {be.3} {very} {adj}.
        answer.aspect | {sigh}, it {sure} {be.3} {verdict}.
        answer.aspect | {opener} the {aspect1} {turn.3} {manner}.
        answer.aspect | {lots} {folk} {sure} {like.p} it, and so {do.3} the {actor1}.
        answer.aspect | {link} the {aspect1} {sure} {fill.3} {me} with {mood}.
        ask.gear | And who {have.3} the {gear1}?
        ask.gear | And where {aux} {youhero} {get.0} the {gear1}?
        ask.gear | {sigh}! And the {gear1}?
        answer.gear | {front} {pal2} {give.3} {me} a {adj} {gear1} {place}.
        answer.gear | The {actor1} {sure} {have.3} it, and {lots} {gear.pl} as well.
        answer.gear | {link} {who} {sure} {get.s} a {very} {adj} {gear1} {place}.
        answer.gear | {opener} {pal2} {have.3} the {gear1} and the {stuff}.
        ask.talk | {aux} {youhero} {talk.0} with the {actor1} about it?
        ask.talk | And what {auxthird} the {actor1} {mean.0} about it?
        ask.talk | {sigh}! And {aux} {youhero} {talk.0} with {lots} {folk}?
        answer.talk | {yes}, {front} the {actor1} {talk.3} with {me} for {count} minutes.
        answer.talk | {yes}, the {actor1} {sure} {be.3} {very} {feel}.
        answer.talk | {yes}, and {lots} {folk} {sure} {talk.p} about it, too.
        answer.talk | {sigh}, the {actor1} {sure} {verb.3} it {manner}.
        bye | {sigh}, but it {sure} {be.3} late, and {who} {have.s} a {gear} to {get.0}.
        bye | {yes}, and {who} {sure} {go.s} home with {num} of the {stuff}.
        bye | {link} {who} {sure} {get.s} some {stuff}, so goodbye.
        bye | Goodbye then, and {who} {sure} {like.s} the {hobby}.
        bye | Until next time, and {front} {who} {iv.s} {place} then.
        bye | See you soon, and {pal2} {sure} {talk.3} about the {thing1}, too.
        """
}
