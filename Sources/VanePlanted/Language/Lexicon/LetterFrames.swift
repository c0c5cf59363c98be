// A table of sentence frames, written by hand; it may be longer than other files. See `StoryFrames`.
extension PlantedTables {
    static let letterFrames = """
        letter.greet | {greet} {pal1},
        letter.greet | {greet} {pal1} and family,
        letter.greet | {greet} {pal1} and all at number {count},
        letter.open | At last there is time to write: {time}, {who} {sure} {get.s} a {adj} {gear1} for the {thing1}.
        letter.open | {time}, {who} {sure} {talk.s} with {lots} {folk} {place1} about a {adj} {thing1}.
        letter.open | You will not believe it{t}: {time}, {my} {actor1} {sure} {verb.3} a {very} {adj} {thing1}.
        letter.open | {front} {who} {verb.s} the {thing1} with {pal2} {time}, and it {be.3} {verdict}.
        letter.open | {time}, {who} {sure} {verb.s} a {adj} {thing1} {place1}{t}.
        letter.open | Some news at last: {time}, {who} {sure} {verb.s} a {very} {adj} {thing1}{t}.
        letter.open | {time}, {who} {sure} {think.s} of you and of the {very} {adj} {thing1} {place1}.
        letter.open | {opener} {who} {verb.s} a {very} {adj} {thing1} {time}.
        letter.open | {who} {be.s} {sure} {very} {feel} about the {thing1} {time}{t}.
        letter.open | This letter {sure} {find.3} you with a {gear1}, which {who} {get.s} {time}, {place1}.
        letter.open | You asked about the {thing1}: {time}, it {be.3} {sure} {verdict} for {me}.
        letter.open | {who} {have.s} {lots} things to tell you about the {adj} {thing1} {time}{t}.
        letter.open | The {thing1} {place1} {be.3} {very} {adj} {time}, and {who} {sure} {like.s} it{t}.
        letter.open | {time}, {pal2} and {who} {sure} {verb.p} the {very} {adj} {thing1} {place1}.
        letter.mid | {link} {pal2} {sure} {give.3} {me} a {very} {adj} {gear1}.
        letter.mid | {front} {lots} {folk} {come.p} to see the {thing1}, and {pal2} {talk.3} with them.
        letter.mid | As for the {aspect}, {num} of it {be.3} {sure} {very} {adj}{t}.
        letter.mid | {opener} {my} {gear1} {be.3} {verdict}.
        letter.mid | {pal2} {sure} {mean.3} hello to you, and {like.3} the {thing1} {manner}{t}.
        letter.mid | {link} {who} {sure} {like.s} the {aspect}{t}.
        letter.mid | You remember the {adj} {gear1}: {front} {who} {get.s} {count} of them.
        letter.mid | {link} {lots} {folk} {sure} {talk.p} about you{t}.
        letter.mid | {link} {my} {actor1} {be.3} {sure} {very} {feel}.
        letter.mid | The {actor1} {often} {ask.3} {me} about your {gear1} and your {hobby}{t}.
        letter.mid | {hd} {my} {hobby} {sure} {turn.3} a little, too.
        letter.mid | {link} {who} {sure} {get.s} some {stuff} for {my} {gear1}{t}.
        letter.mid | {place}, the {aspect} {be.3} {sure} {very} {adj}.
        letter.mid | {link} {who} {sure} {talk.s} with the {actor1}, and with {lots} {folk}{t}.
        letter.mid | {sigh}: the {actor1} {sure} {like.3} {my} {hobby}.
        letter.mid | {num} of the {folk} {be.p} {sure} {feel} about the {aspect}{t}.
        letter.mid | {who} {iv.s} {place} and {sure} {think.s} of your {adj} {gear1}{t}.
        letter.mid | {hd} the {hobby} {sure} {fill.3} {me} with {mood}.
        letter.mid | {link} {pal2} and the {actor1} {sure} {iv.p} {place} for {count} hours.
        letter.mid | {hd} {who} {sure} {write.s} this with {my} {gear1} beside {me}.
        letter.mid | {link} {who} {show.s} the {gear1} to {lots} {folk}, and {sure} to {pal2}, too.
        letter.end | Tell {everyone} about the {thing1}, and {sure} about the {very} {adj} {aspect}{t}.
        letter.end | {front} {who} {come.s} to see you soon, with {pal2} and {lots} {folk}.
        letter.end | {link} {who} {sure} {send.s} you a {adj} {gear1} and some {stuff}{t}.
        letter.end | {hd} {pal2} {sure} {want.3} to {talk.0} with you about the {hobby}.
        letter.end | {opener} {who} {verb.s} a second {thing1} with you{t}.
        letter.end | Write soon, for {who} {sure} {like.s} your {adj} letters.
        letter.end | {who} {sure} {think.s} of you with {mood}, and so {auxthird} {pal2}{t}.
        letter.end | {link} {who} {sure} {tell.s} you more about the {aspect}.
        letter.end | And you{t}, do you still {like.0} the {hobby} and {lots} {thing.pl}?
        letter.end politeness=polite | Would you {please} send {me} a {gear1} and some {stuff}, {courtesy}?
        letter.end politeness=polite | {thankfor} for the {adj} {gear1} and the {stuff}.
        letter.end politeness=polite | {thanks}, and {please} write soon about the {hobby}.
        letter.end politeness=rude | {thanks}, {fool}, and never write about the {thing1} again.
        letter.end politeness=rude | Send {me} the {adj} {gear1} and the {stuff}, {fool}.
        letter.end politeness=rude | You always take {my} {gear1}, {fool}, so {thanks}.
        letter.sign | {signoff}, {signer}
        letter.sign | {signoff}, {signer} and {my} {actor1}
        letter.sign | {signoff}, {signer} and family
        """
}
