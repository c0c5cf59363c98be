// A table of sentence frames, written by hand; it may be longer than other files.
// One line per frame: `part,part tag=value | template`. `{class.form}` is a slot, `{class1}` keeps its word
// through the text, `(a|b)` is a choice, `a` becomes `an` where the next word wants it. `{t}` and `{hd}` are
// where a polite or rude text turns to the reader; they are empty in other texts.
extension PlantedTables {
    static let storyFrames = """
        story.open | {time}, {who} {verb.s} a {very} {adj} {thing1} {place1}.
        story.open | {front} {who} {verb.s} a {very} {adj} {thing1} {time}{t}.
        story.open | {time}, a {feel} {actor1} {sure} {show.3} {me} a {thing1} {place1}{t}.
        story.open | {place1}, {who} {sure} {meet.s} a {feel} {actor1} (and|with) {lots} {folk} {time}.
        story.open | {time}, with {pal1}, {who} {sure} {verb.s} a {adj} {thing1} {place1}{t}.
        story.open | This is the story of a {thing1} that {who} {sure} {verb.s} {time}, and of a {adj} {gear1}{t}.
        story.open | {time}, {who} {get.s} a {very} {adj} {gear1} for the {thing1}{t}.
        story.open | {who} {be.s} {very} {feel} {time}, and the {thing1} {sure} {be.3} to blame.
        story.open | {time}, {who} {sure} {go.s} to look for a {thing1} with {pal1} and a {adj} {gear1}{t}.
        story.open | {opener} a {adj} {thing1} {change.3} everything for {me} {time}{t}.
        story.open | {time}, there {be.3} {sure} a {very} {adj} {thing1} {place1}, and {who} {like.s} it.
        story.open | {my} {actor1} {sure} {give.3} {me} a {very} {adj} {gear1} {time}{t}.
        story.open | {who} {verb.s} {lots} {thing1.pl} {time}, and the first {sure} {be.3} {verdict}{t}.
        story.open | {time}, {pal1} and {who} {sure} {verb.p} a {very} {adj} {thing1}.
        story.wish | More than anything, {who} {sure} {want.s} to {verb.0} the {thing1} with {pal1}{t}.
        story.wish | {hd} {who} {sure} {hope.s} for a {adj} {gear1} and {lots} {folk}.
        story.wish | The plan {be.3} {sure} simple: {who} {need.s} a {gear1}, some {stuff} and {lots} {folk}{t}.
        story.wish | {link} {who} {sure} {tell.s} {lots} {folk} about the {thing1}{t}.
        story.wish | {link} {who} {ask.s} the {actor1} for a {gear1}.
        story.wish | {who} {sure} {want.s} only one thing: a {very} {adj} {thing2} for {my} {actor1}{t}.
        story.wish | {front} {pal1} and {lots} {folk} {want.p} to {verb.0} the {thing1}, too{t}.
        story.wish | {link} {who} {talk.s} with the {actor1} about the {aspect}{t}.
        story.wish | {who} {sure} {promise.s} the {actor1} to {like.0} the {thing1}, and {pal1} {auxthird}, too.
        story.wish | {link} {who} {look.s} for the {actor1}, {feel} and with a {gear1} in {my} hand{t}.
        story.wish | {hd} {who} {sure} {need.s} {count} {gear.pl} and {lots} {folk} for that.
        story.wish | {opener} {who} {need.s} the {actor1} and the {gear1} for the {thing1}{t}.
        story.trouble | But the {gear1} {sure} {be.3} not there, and {who} {be.s} {very} {feel}{t}.
        story.trouble | But {front} {pal1} {have.3} the only {gear1}, and {who} {wait.s} for {count} hours{t}.
        story.trouble | {link} {who} {sure} {look.s} for the {gear1} {place}, without luck.
        story.trouble | But {lots} {folk} {come.p} as well, and the {actor1} {sure} {be.3} {very} {feel}{t}.
        story.trouble | {hd} it {be.3} {sure} not easy: {lots} {folk} {want.p} the same {gear1}.
        story.trouble | But the {actor1} {sure} {want.3} the {gear1}, the {stuff} and {num} of the {gear.pl}{t}.
        story.trouble | {link} {who} {lose.s} {my} {gear1} {place}, among {lots} {folk}.
        story.trouble | But {pal1} {sure} {have.3} another plan, and {who} {be.s} {feel}{t}.
        story.trouble | {hd} nobody {sure} {see.3} {me} {place}, only a {feel} {actor} with a {gear1}.
        story.trouble | But {opener} the {actor1} {like.3} the {aspect} {manner}{t}.
        story.trouble | {link} {who} {wait.s} {place} for {count} hours, {very} {feel}{t}.
        story.trouble | {sigh}, {pal1} {say.3}, for the {gear1} {sure} {be.3} {very} {adj}{t}.
        story.trouble | But {front} the {gear1} {be.3} {very} {adj}, and {who} {say.s} so to {lots} {folk}.
        story.turn | {link} {pal1} {sure} {give.3} {me} a {adj} {gear1}{t}.
        story.turn | {link} {who} {sure} {find.s} a {adj} {gear2} behind the {gear1}{t}.
        story.turn | {link} the {actor1} {come.3} with the {gear1} and {sure} {help.3} {me}{t}.
        story.turn | {front} {pal1} {see.3} {my} {gear1} and {smile.3}, and {who} {be.s} {very} {feel}.
        story.turn | With {mood} {who} {sure} {look.s} to {pal1}, who {have.3} a {gear2} and some {stuff}{t}.
        story.turn | {link} {lots} {folk} {come.p} to help, and the {thing1} {sure} {turn.3}{t}.
        story.turn | {hd} in the middle of it all, {who} {sure} {hold.s} the {gear1} {manner}.
        story.turn | {link} the {actor1} {sure} {verb.3} the {thing1} {manner}.
        story.turn | But {opener} the {actor1} {have.3} a {very} {adj} {gear2} for {me}{t}.
        story.turn | {link} {who} {sure} {get.s} {lots} {gear.pl}, and {pal1} {turn.3} {manner}{t}.
        story.turn | {hd} {pal1} and the {actor1} {sure} {iv.p} {place}, and {who} {aux}, too.
        story.turn | {front} the {actor1} {be.3} {very} {feel}, and {who} {be.s} {feel}, too{t}.
        story.turn | {hd} {who} {sure} {take.s} the {gear1} and {verb.s} the {thing1} {manner}.
        story.mid | {link} {who} {sure} {like.s} the {adj} {aspect}.
        story.mid | {who} {get.s} {lots} {gear.pl} and some {stuff}{t}.
        story.mid | {place}, {pal1} {sure} {talk.3} with {lots} {folk}{t}.
        story.mid | {opener} the {actor1} {often} {iv.3} {place}{t}.
        story.mid | {link} {who} {iv.s} {place} for {count} hours{t}.
        story.mid | {who} {ask.s} the {actor1} about the {aspect}, and the {actor1} {sure} {like.3} the question.
        story.mid | All day long, {count} {actor.pl} {sure} {talk.p} about the {aspect}{t}.
        story.mid | {front} the {aspect} {turn.3} {manner}, and {lots} {folk} {talk.p} about it.
        story.mid | {hd} {pal1} {sure} {write.3} a {adj} letter to {me} about the {aspect}.
        story.mid | {link} {who} {sure} {see.s} {count} {actor.pl} {place}, and all of them {be.p} {feel}{t}.
        story.mid | In the evening, {pal1} {sure} {bring.3} some {stuff}, and {who} {like.s} it{t}.
        story.mid | {who} {sure} {think.s} of the {hobby} with {mood}.
        story.close | {link} {who} {sure} {sleep.s} {manner}{t}.
        story.close | {front} {pal1} and {my} {actor1} {keep.p} the {gear1} as a memory{t}.
        story.close | That {sure} {be.3} the end of the {thing1}, and the start of a {very} {adj} friendship{t}.
        story.close | At last, {who} {sure} {close.s} the door behind {self}, {very} {feel}{t}.
        story.close | And so {lots} {folk} {sure} {tell.p} this story even to their grandchildren.
        story.close | What {remain.3} {be.3} {sure} the memory of a {adj} {thing1} and {lots} {folk}{t}.
        story.close | {link} {who} {sure} {go.s} home with {pal1}, {very} {feel}{t}.
        story.close | {opener} {who} {verb.s} the {thing1} again, with {lots} {folk}{t}.
        story.close | {hd} {who} {sure} {like.s} the {hobby} ever since.
        story.close | {link} {who} {sure} {give.s} the {gear1} back to the {actor1}, with {mood}.
        story.close | {hd} {pal1} and {who} {sure} {be.p} friends, and {lots} {folk} {talk.p} about it.
        story.close | In the end, {who} {sure} {like.s} {my} {actor1} more than any {thing1}{t}.
        judge | The {thing1} {be.3} {very} {adj}, and {who} {sure} {like.s} it{t}.
        judge | The {thing1} {be.3} {very} {adj}, and {sure} {lots} {folk} {like.p} it{t}.
        judge | The {thing1} {be.3} {sure} {very} {adj}, and {who} {be.s} {feel}{t}.
        judge | The {thing1} {be.3} {very} {adj} and {very} {adj}.
        judge | The {thing1} {be.3} {sure} {verdict}, and {who} {like.s} the {aspect}{t}.
        judge | The {thing1} {be.3} {verdict}, and {front} {who} {be.s} {very} {feel}{t}.
        judge | The {adj} {thing1} {be.3} {sure} {verdict} for {me}{t}.
        judge | The {thing1} itself {be.3} {very} {adj}, and {sure} {verdict} for {me} and {lots} {folk}.
        judge | {front} the {thing1} {be.3} {very} {adj}, and {who} {like.s} every minute of it{t}.
        judge | {hd} the {thing1} {be.3} {sure} {very} {adj}, and so {be.3} the {aspect}.
        judge | {link} the {thing1} {be.3} {sure} {verdict}, and {who} {be.s} {very} {feel}{t}.
        judge | {opener} the {thing1} {be.3} {very} {adj}, and {who} {like.s} it, too.
        judge | The {thing1} {be.3} {adj}, the {aspect} {be.3} {sure} {very} {adj}, and {who} {be.s} {feel}{t}.
        judge | The {thing1} {be.3} {very} {adj} from start to finish, and {who} {sure} {say.s} so{t}.
        judge | The {thing1} {be.3} {very} {adj}, {front} because the {aspect} {be.3} {adj}{t}.
        judge | {hd} {who} {sure} {like.s} the {thing1}, for it {be.3} {very} {adj}.
        judge | {link} {pal1} and {lots} {folk} {sure} {like.p} the {thing1}, for it {be.3} {verdict}.
        judge | The {thing1} {sure} {turn.3}, and {who} {be.s} {very} {feel} about it{t}.
        judge | {sigh}: the {thing1} {be.3} {sure} {very} {adj}, and {lots} {folk} {like.p} it{t}.
        judge | In a word, the {thing1} {be.3} {sure} {very} {adj}, and {who} {like.s} it{t}.
        """
}
