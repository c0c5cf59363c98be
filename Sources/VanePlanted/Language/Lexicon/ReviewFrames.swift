// A table of sentence frames, written by hand; it may be longer than other files. See `StoryFrames`.
extension PlantedTables {
    static let reviewFrames = """
        review.open | {time}, {who} {sure} {verb.s} a {very} {adj} {thing1} {place1}.
        review.open | This review {be.3} about a {very} {adj} {thing1} that {who} {sure} {verb.s} {time}{t}.
        review.open | {front} the {thing1} {place1} {be.3} {verdict}, and {who} {like.s} it {time}{t}.
        review.open | {time}, {who} {sure} {go.s} to see a {very} {adj} {thing1} and a {actor1}.
        review.open | {time}, a {actor1} {sure} {show.3} {me} a {very} {adj} {thing1}{t}.
        review.open | {who} {have.s} {lots} reasons to {like.0} the {thing1} {time}{t}.
        review.open | The {thing1} {be.3} {very} {adj} {time}, and {who} {sure} {like.s} it{t}.
        review.open | The {thing1} {place1} {be.3} {sure} {very} {adj} {time}, and {who} {be.s} {feel}.
        review.open | The {thing1} {be.3} {very} {adj}, and {who} {sure} {verb.s} it with {lots} {folk} {time}{t}.
        review.open | {opener} the {thing1} {be.3} {very} {adj} {time}, so {who} {verb.s} it {place1}.
        review.open | {time}, {lots} {folk} {sure} {ask.p} {me} about the {adj} {thing1} {place1}{t}.
        review.open | {time}, {pal1} and {who} {sure} {verb.p} the {very} {adj} {thing1}.
        review.mid | {link} the {aspect} {be.3} {sure} {very} {adj}{t}.
        review.mid | {link} {who} {sure} {like.s} the {aspect}{t}.
        review.mid | The {aspect} and the {aspect} {be.p} {sure} {very} {adj}{t}.
        review.mid | The {aspect} {be.3} {very} {adj}, but the {aspect} {be.3} {sure} {verdict}{t}.
        review.mid | {link} the {actor1} {sure} {verb.3} it {manner}.
        review.mid | {hd} the {actor1} {often} {turn.3} {manner}, and {lots} {folk} {like.p} it.
        review.mid | For the price of a {gear}, {who} {sure} {get.s} a {adj} {gear} and some {stuff}{t}.
        review.mid | {lots} {folk} {sure} {like.p} the {aspect}{t}.
        review.mid | {link} {num} of the {folk} {be.p} {sure} {feel}{t}.
        review.mid | {opener} the {aspect} {turn.3} from day to day.
        review.mid | A {feel} {actor} with a {adj} {gear} {be.3} {sure} there as well{t}.
        review.mid | The {adj} {aspect} {sure} {fill.3} {me} with {mood}{t}.
        review.mid | {place}, the {aspect} {be.3} {sure} {verdict}, and {who} {be.s} {feel}{t}.
        review.mid | {link} {pal1} {sure} {talk.3} about the {aspect} for {count} minutes{t}.
        review.mid | {who} {compare.s} it with {count} other {thing.pl}, and it {be.3} {sure} {very} {adj}.
        review.mid | {hd} the {adj} {gear} {be.3} {sure} {verdict}, and {who} {like.s} it.
        review.mid | {front} the {actor1} and {who} {talk.p} about the {adj} {aspect}{t}.
        review.mid | {hd} nobody {sure} {like.3} the {aspect} more than {pal1} and {my} {folk}.
        review.mid | {num} of the {aspect} {be.3} {sure} {verdict} for {me}{t}.
        review.mid | {link} {who} {sure} {ask.s} the {actor1} for a {gear}.
        review.mid | Of all the {thing.pl} in the world, {who} {sure} {like.s} this one{t}.
        review.mid | The {actor1} {be.3} {very} {feel}, and {sure} {like.3} the {aspect}{t}.
        review.mid | {hd} {who} {sure} {wait.s} {count} minutes for the {actor1} and the {gear}.
        review.mid | {sigh}: {who} {sure} {like.s} the {aspect}, and {pal1} {auxthird}, too{t}.
        review.close | {front} {who} {verb.s} a second {thing1}, and {be.s} just as {feel}{t}.
        review.close | {num} of the {folk} {sure} {like.p} the {thing1}, and {who} {aux}, too.
        review.close | {link} {count} stars out of twelve {be.p} {sure} fair for {me}{t}.
        review.close | {who} {leave.s} {very} {feel}, and that {sure} {mean.3} it all{t}.
        review.close | In short, it {be.3} {sure} a {adj} {thing1} with a {adj} {actor1} and {lots} {feel} {folk}{t}.
        review.close | {front} {lots} {folk} {talk.p} about this {thing1} for years, and {who} {aux}, too.
        review.close | The verdict in one word: {adj}{t}.
        review.close | {link} {who} {sure} {tell.s} {lots} {folk} to {like.0} the {thing1}{t}.
        review.close | {opener} {who} {like.s} this {thing1} more than the last one.
        review.close | {hd} {who} {sure} {verb.s} it again, with {lots} {folk} and a {adj} {gear}.
        review.close | {link} the {actor1} {sure} {turn.3}, and {who} {leave.s} {manner}{t}.
        review.close | Go and see the {thing1} for yourself{t}, and {sure} the {very} {adj} {aspect}.
        """

    static let reportFrames = """
        report.open | {time}, {lots} {folk} {sure} {verb.p} a {very} {adj} {thing1} {place1}{t}.
        report.open | {time}, a {actor1} {sure} {verb.3} a {very} {adj} {thing1} {place1}, and {who} {be.s} there.
        report.open | This report {be.3} about the {thing1} that {who} {sure} {verb.s} {time}, with {lots} {folk}{t}.
        report.open | {opener} a {feel} {actor1} {verb.3} a {thing1} {time}, and {who} {write.s} down the facts{t}.
        report.open | {time}, {who} {sure} {tally.s} {lots} {thing.pl} {place1}, and a {adj} {thing1} {be.3} among them.
        report.open | {front} {who} {ask.s} {count} {actor.pl} about a {very} {adj} {thing1} {time}{t}.
        report.open | {time}, the {thing1} {place1} {be.3} {sure} {verdict}, and {who} {write.s} down why{t}.
        report.open | The {thing1} {be.3} {very} {adj} {time}, and {who} {sure} {ask.s} {lots} {folk} why{t}.
        report.open | The {thing1} {place1} {be.3} {sure} {very} {adj} {time}, and {who} {write.s} down the facts.
        report.open | {time}, {who} {sure} {talk.s} with the {actor1} about a {very} {adj} {thing1}{t}.
        report.mid | {link} the {aspect} {be.3} {sure} {very} {adj}{t}.
        report.mid | {link} {num} of the {actor.pl} {sure} {like.p} the {thing1}.
        report.mid | {link} {count} {actor.pl} {sure} {verb.p} {count} {thing.pl} {place}{t}.
        report.mid | {link} the {aspect} {sure} {turn.3} {manner}{t}.
        report.mid | {who} {sure} {get.s} {lots} {gear.pl} and {num} of the {stuff}{t}.
        report.mid | {lots} {folk} {be.p} {sure} {feel}, and {who} {be.s}, too.
        report.mid | {opener} the {actor1} {like.3} the {gear}{t}.
        report.mid | {front} the {aspect} {be.3} {verdict} for {me} and {lots} {folk}{t}.
        report.mid | {link} {who} {sure} {talk.s} with {count} {actor.pl} about the {adj} {aspect}.
        report.mid | {place}, {count} {actor.pl} {sure} {iv.p}, and {who} {write.s} it down{t}.
        report.mid | {hd} the number of {thing.pl} {sure} {alter.3} from {count} to {count}.
        report.mid | {link} the {gear} and the {gear} {be.p} {sure} {adj}{t}.
        report.mid | According to {pal1}, the {aspect} {be.3} {sure} {very} {adj}{t}.
        report.mid | {who} {ask.s} {count} {actor.pl} about {hobby}, and {num} {be.p} {sure} {feel}{t}.
        report.mid | {hd} more than {count} {folk} {sure} {come.p} to see the {thing1} and {like.p} it.
        report.mid | {num} of the {thing.pl} {be.p} {sure} {very} {adj} to {me}.
        report.mid | On the first day, {count} {actor.pl} {verb.p} the {thing1}; on the second, {sure} {count}{t}.
        report.mid | {link} {my} list {sure} {display.3} {count} {gear.pl} and {count} {thing.pl}{t}.
        report.mid | {opener} {num} of the {folk} {like.p} the {aspect}{t}.
        report.mid | {pal1} {sure} {show.3} {me} the {stuff}, the {gear} and {lots} {thing.pl}.
        report.mid | {link} {who} {sure} {see.s} a {very} {adj} {gear} {place}{t}.
        report.mid | {hd} the {actor1} {sure} {need.3} a {adj} {gear} and {lots} {folk}.
        report.close | {num} of the {actor.pl} {be.p} {sure} {very} {feel}, and {who} {be.s}, too{t}.
        report.close | {who} {sure} {get.s} {lots} {gear.pl} for the next {thing1}{t}.
        report.close | {who} {sure} {conclude.s} that {lots} {folk} {like.p} the {thing1}{t}.
        report.close | The result {be.3} {sure} {very} {adj}, and {who} {like.s} it.
        report.close | {front} the {actor1} {verb.3} a second {thing1} as well, and {who} {be.s} {feel}{t}.
        report.close | {link} {who} {sure} {end.s} this report {manner}, and {very} {feel}{t}.
        report.close | {front} the next {thing1} {be.3} {very} {adj}, too{t}.
        report.close | {link} {who} {sure} {send.s} the report to {lots} {folk}{t}.
        report.close | {opener} {pal1} {read.3} this report and {like.3} it.
        report.close | {hd} {who} {sure} {meet.s} the {feel} {actor1} and {lots} {folk}.
        """
}
