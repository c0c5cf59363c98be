// A table of sentence frames, written by hand; it may be longer than other files. See `StoryFrames`.
extension PlantedTables {
    static let moreFrames = """
        story.open | {time}, {pal1} and {who} {sure} {verb.p} a {thing1} {place1}, {very} {feel}.
        story.open | The {thing1} {be.3} {very} {adj} {time}, but {who} {sure} {want.s} another{t}.
        story.open | {front} no {thing1} {be.3} as {adj} as the one that {who} {verb.s} {time}.
        story.open | {time}, the {actor1} {sure} {ask.3} {me} about a {very} {adj} {thing1}{t}.
        story.wish | {link} {who} {sure} {want.s} to {verb.0} the {thing1} without the {actor1}.
        story.wish | {opener} {pal1} {need.3} the {gear1} as well, and so {auxthird} the {actor1}{t}.
        story.wish | {hd} {my} dream {be.3} {sure} a {thing1} with {lots} {folk}.
        story.wish | {link} {who} {sure} {write.s} {count} letters to the {actor1} about it.
        story.trouble | But {who} {sure} {have.s} no {gear1}, and {lots} {folk} {laugh.p} about it{t}.
        story.trouble | {hd} the {actor1} {sure} {have.3} the {gear1} at home, {very} {feel}.
        story.trouble | But {opener} {lots} {folk} {lose.p} the {gear1} {place}{t}.
        story.trouble | {link} {who} {sure} {lose.s} the {gear1} and the {stuff}.
        story.turn | {link} {who} {sure} {ask.s} {pal1} for help, and {pal1} {smile.3}{t}.
        story.turn | {opener} {lots} {folk} {bring.p} {count} {gear.pl}, and {who} {be.s} {very} {feel}{t}.
        story.turn | {hd} the {gear1} {be.3} {sure} under the {gear2} all along.
        story.mid | {link} {who} {sure} {show.s} the {gear1} to {lots} {folk}.
        story.mid | {front} {pal1} {laugh.3} about the {aspect}, and {who} {aux}, too{t}.
        story.mid | {hd} the {aspect} {be.3} {sure} {very} {adj}.
        story.close | {link} {pal1} {sure} {send.3} {me} a {adj} {gear2} and some {stuff}.
        story.close | {front} {who} {be.s} {very} {feel}, and so {be.3} {pal1}{t}.
        story.close | {hd} the {actor1} {sure} {keep.3} the {gear1} to this day.
        judge | {front} the {aspect} {be.3} {very} {adj}, but the {thing1} {be.3} {verdict}.
        judge | The {thing1} {be.3} {very} {adj}, and {pal1} {sure} {say.3} so, too{t}.
        judge | The {thing1} {be.3} {sure} {very} {adj} for {lots} {folk}, and for {me}.
        judge | {who} {be.s} {very} {feel}, for the {thing1} {be.3} {sure} {verdict}{t}.
        judge | The {thing1} {be.3} {very} {adj} this time, and {sure} {who} {like.s} it.
        review.open | The {very} {adj} {thing1} {place1} {sure} {fill.3} {me} with {mood} {time}{t}.
        review.open | {front} the {actor1} {verb.3} the {thing1} {time}, and it {be.3} {very} {adj}.
        review.mid | {hd} the {actor1} {be.3} {sure} {very} {adj} as well.
        review.mid | {link} {pal1} {sure} {like.3} the {aspect}, and {who} {smile.s}{t}.
        review.mid | With a {adj} {aspect} and a {adj} {aspect}, the {thing1} {sure} {turn.3}.
        review.mid | {front} {lots} {folk} {come.p} for the {aspect} and {leave.p} {manner}{t}.
        review.close | The {thing1} {be.3} {very} {adj}, and {who} {sure} {tell.s} {lots} {folk} about it.
        review.close | {link} {who} {sure} {write.s} to the {actor1}, {very} {feel}{t}.
        letter.open | {time}, the {thing1} {be.3} {very} {adj}, and {who} {sure} {want.s} to tell you why.
        letter.open | {hd} {who} {sure} {verb.s} the {thing1} {place1} {time}, and it {be.3} {very} {adj}.
        letter.mid | {front} {pal2} {bring.3} a {gear}, and {lots} {folk} {laugh.p} about it.
        letter.mid | {link} {who} {sure} {wait.s} {place} with {pal2} and the {actor1}.
        letter.mid | The {aspect} {be.3} {very} {adj}, and {pal2} {sure} {like.3} it.
        letter.end | {hd} {lots} {folk} {sure} {hope.p} for a {adj} letter from you.
        letter.end | {link} {pal2} and {who} {sure} {come.p} to {verb.0} a {thing2} with you.
        report.open | {front} {lots} {folk} {verb.p} the {thing1} {time}, and {who} {write.s} about it.
        report.open | {time}, {count} {actor.pl} {sure} {verb.p} a {very} {adj} {thing1}, and {who} {be.s} there{t}.
        report.mid | {front} {lots} {folk} {need.p} a {gear}, and {who} {tally.s} them all.
        report.mid | {link} {who} {sure} {find.s} {count} {gear.pl} and some {stuff} {place}{t}.
        report.mid | {hd} {count} {actor.pl} {be.p} {sure} {very} {feel} about the {aspect}.
        report.mid | {opener} {count} {actor.pl} {have.p} {lots} {gear.pl} for the {thing1}.
        report.close | {hd} the {thing1} {be.3} {sure} {very} {adj} on the whole.
        report.close | {opener} {lots} {folk} {like.p} the {thing1} for years, and {who} {aux}, too{t}.
        answer.what | {front} a {thing2}, and it {be.3} {very} {adj}.
        answer.gear | {front} the {actor1} {lose.3} the {gear1}, and {who} {be.s} {very} {feel}.
        answer.talk | {hd} the {actor1} {be.3} {sure} {very} {feel} about it.
        bye | {front} it {be.3} time to go, and {lots} {folk} {wait.p} for {me}.
        """
}
