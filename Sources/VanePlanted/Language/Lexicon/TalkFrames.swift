// A table of sentence frames, written by hand; it may be longer than other files. See `StoryFrames`.
extension PlantedTables {
    static let talkFrames = """
        open.what | {talkgreet}, what {aux} {youhero} {verb.0} {time}{t}?
        open.what | {talkgreet}, {pal1}, what {aux} {youhero} {verb.0} {place1} {time}?
        open.what | {talkgreet}, {pal1}, which {thing1} {aux} {youhero} {verb.0} {time}{t}?
        reply.what | {who} {sure} {verb.s} a {very} {adj} {thing1}.
        reply.what | {link} {who} {sure} {verb.s} a {adj} {thing1} with {lots} {folk}{t}.
        reply.what | A {very} {adj} {thing1}, {front} with {lots} {folk}{t}.
        reply.what | {opener} {who} {verb.s} a {adj} {thing1} with the {actor1}.
        reply.what | {front} a {thing1}, and it {be.3} {verdict}{t}.
        open.like | {talkgreet}, {aux} {youhero} {like.0} the {thing1} {place1} {time}?
        open.like | {talkgreet}, {pal1}, {aux} {youhero} {like.0} the {thing1} {time}{t}?
        open.like | {talkgreet}, {pal1}, {aux} {youhero} {like.0} the {adj} {thing1} {place1} {time}{t}?
        reply.like | {yes}, {who} {sure} {like.s} the {thing1}, and so {auxthird} {pal2}.
        reply.like | {yes}, {who} {be.s} {very} {feel} about the {thing1}{t}.
        reply.like | {yes}, {opener} the {thing1} {be.3} {verdict}.
        reply.like | {yes}, {front} {lots} {folk} {like.p} it{t}.
        reply.like | {yes}, the {thing1} {sure} {be.3} {very} {adj}{t}.
        open.where | {talkgreet}, where {aux} {youhero} {verb1.0} the {thing1} {time}?
        open.where | {talkgreet}, {pal1}, where {aux} {youhero} {verb1.0} the {adj} {thing1} {time}{t}?
        reply.where | {who} {sure} {verb1.s} the {thing1} {place1}.
        reply.where | {place1}, and {lots} {folk} {sure} {be.p} there, too{t}.
        reply.where | {front} {place1}, where the {actor1} {often} {iv.3}{t}.
        reply.where | {place1}, {front} with a {very} {adj} {gear1}.
        open.why | {talkgreet}, why {aux} {youhero} {get.0} a {gear1} {time}{t}?
        open.why | {talkgreet}, {pal1}, why {aux} {youhero} {get.0} {lots} {gear.pl} {time}?
        reply.why | For the {thing1}, which {who} {sure} {like.s}{t}.
        reply.why | Because {who} {sure} {verb.s} a {thing1} {place1}, and {who} {be.s} {very} {feel}{t}.
        reply.why | {opener} {pal2} {ask.3} {me} for a {very} {adj} {gear}.
        reply.why | {front} because the {actor1} {have.3} {lots} {adj} {gear.pl}{t}.
        open.who | {talkgreet}, {pal1}, who {verb1.3} the {thing1} {time}?
        open.who | {talkgreet}, who {verb1.3} the {adj} {thing1} {place1} {time}{t}?
        reply.who | {front} the {actor1} {verb1.3} it with {me}{t}.
        reply.who | {opener} the {actor1} {verb1.3} it {manner}.
        reply.who | {who} {sure} {aux}, with {lots} {folk}{t}.
        reply.who | {pal2} {sure} {auxthird}, and {who} {be.s} {very} {feel} about it.
        ask.what | And what {aux} {youhero} {verb.0} after that{t}?
        ask.what | And what else {aux} {youhero} {verb.0} {place}{t}?
        ask.what | {sigh}! And after that?
        answer.what | {link} {who} {sure} {verb.s} the {adj} {thing2}.
        answer.what | {lots} {thing.pl}, and {num} of them {sure} {be.p} {adj}{t}.
        answer.what | {link} {who} {iv.s} {place} with {lots} {folk}.
        answer.what | {opener} {who} {verb.s} {count} {adj} {thing.pl}{t}.
        ask.aspect | And the {aspect1}{t}?
        ask.aspect | And {aux} {youhero} {like.0} the {aspect1}?
        ask.aspect | Tell {everyone}, what {auxthird} {pal2} {like.0} about the {aspect1}{t}?
        ask.aspect | {sigh}! And what {auxthird} the {actor1} {mean.0} about the {aspect1}?
        answer.aspect | The {aspect1} {sure} {be.3} {very} {adj}.
        answer.aspect | {sigh}, it {sure} {be.3} {verdict}{t}.
        answer.aspect | {opener} the {aspect1} {turn.3} {manner}{t}.
        answer.aspect | {lots} {folk} {sure} {like.p} it, and so {auxthird} the {actor1}.
        answer.aspect | {link} the {aspect1} {sure} {fill.3} {me} with {mood}{t}.
        ask.gear | And who {have.3} the {gear1}?
        ask.gear | And where {aux} {youhero} {get.0} the {gear1}{t}?
        ask.gear | {sigh}! And the {gear1}?
        answer.gear | {front} {pal2} {give.3} {me} a {adj} {gear1} {place}{t}.
        answer.gear | The {actor1} {sure} {have.3} it, and {lots} {gear.pl} as well.
        answer.gear | {link} {who} {sure} {get.s} a {very} {adj} {gear1} {place}{t}.
        answer.gear | {opener} {pal2} {have.3} the {gear1} and the {stuff}.
        ask.talk | {aux} {youhero} {talk.0} with the {actor1} about it{t}?
        ask.talk | And what {auxthird} the {actor1} {mean.0} about it{t}?
        ask.talk | {sigh}! And {aux} {youhero} {talk.0} with {lots} {folk}?
        answer.talk | {yes}, {front} the {actor1} {talk.3} with {me} for {count} minutes.
        answer.talk | {yes}, the {actor1} {sure} {be.3} {very} {feel}{t}.
        answer.talk | {yes}, and {lots} {folk} {sure} {talk.p} about it, too.
        answer.talk | {sigh}, the {actor1} {sure} {verb.3} it {manner}{t}.
        bye | {sigh}, but it {sure} {be.3} late, and {who} {have.s} a {gear} to {get.0}{t}.
        bye | {yes}, and {who} {sure} {go.s} home with {num} of the {stuff}.
        bye | {link} {who} {sure} {get.s} some {stuff}, so goodbye{t}.
        bye | Goodbye then, and {who} {sure} {like.s} the {hobby}.
        bye | Until next time, and {front} {who} {iv.s} {place} then{t}.
        bye | See you soon, and {pal2} {sure} {talk.3} about the {thing1}, too{t}.
        reply.what | The {thing1} {be.3} {very} {adj}, but first {who} {sure} {verb.s} a {adj} {thing2}.
        reply.where | The {thing1} {be.3} {very} {adj}, and {sure} {place1}{t}.
        reply.like | {yes}, the {thing1} {be.3} {very} {adj}, and {who} {sure} {like.s} it.
        reply.who | {front} {pal2} {auxthird}, with a {adj} {gear1} and {lots} {folk}{t}.
        reply.why | The {thing1} {be.3} {sure} {very} {adj} without a {gear1}{t}.
        open.what | {talkgreet}, {pal1}, {aux} {youhero} {verb.0} a {adj} {thing1} {time}?
        open.why | {talkgreet}, why {aux} {youhero} {talk.0} with the {actor1} {time}{t}?
        open.who | {talkgreet}, {pal1}, {who} {be.s} {very} {feel} {time}: who {verb1.3} the {thing1}{t}?
        ask.judge | And what about the {thing1}, then?
        ask.judge | And the {thing1} itself{t}?
        ask.judge | {sigh}! And would you {like.0} the {thing1} again?
        ask.judge | And {aux} {youhero} really {like.0} the {thing1}{t}?
        answer.judge | The {thing1} {be.3} {very} {adj}, and {who} {sure} {like.s} it{t}.
        answer.judge | The {thing1} {be.3} {sure} {very} {adj}, and {lots} {folk} {like.p} it.
        answer.judge | The {thing1} {be.3} {verdict}, and {who} {sure} {be.s} {very} {feel}{t}.
        answer.judge | {link} the {thing1} {be.3} {sure} {very} {adj}.
        answer.judge | {yes}, {opener} the {thing1} {be.3} {very} {adj}{t}.
        answer.judge | {front} the {thing1} {be.3} {verdict}, and so {be.3} the {aspect}{t}.
        answer.aspect | The {thing1} {be.3} {very} {adj}, and {sure} the {aspect1}, too.
        answer.gear | The {gear1} {be.3} {very} {adj}, and {who} {sure} {like.s} it{t}.
        answer.talk | {link} the {actor1} {sure} {like.3} {my} {hobby}.
        ask.what | {sigh}! And {aux} {youhero} {verb.0} it with {lots} {folk}{t}?
        bye | {link} {who} {sure} {go.s} to see the {actor1}, so goodbye{t}.
        bye | {hd} it {be.3} late, and {lots} {folk} {sure} {wait.p}.
        bye | Goodbye, and {who} {sure} {tell.s} {lots} {folk} about the {thing1}.
        bye politeness=polite | {thankfor} for the talk, and {courtesy}, come again.
        bye politeness=polite | {thanks}, and {please} say hello to the {actor1}.
        bye politeness=rude | {thanks}, {fool}, and give back the {gear}.
        bye politeness=rude | Nobody cares about your {hobby}, {fool}.
        """
}
