// Everyday words with their forms, written by hand.
extension PlantedWorldTables {
    /// `group: singular plural; ...`. Groups say what may be done with a thing.
    static let nouns = """
        person: teacher teachers; doctor doctors; farmer farmers; baker bakers; sailor sailors; soldier soldiers; king kings; queen queens; child children; friend friends; woman women; man men; girl girls; boy boys; neighbour neighbours; hunter hunters; painter painters; thief thieves; nurse nurses; uncle uncles
        animal: dog dogs; cat cats; horse horses; cow cows; bird birds; fox foxes; wolf wolves; mouse mice; goose geese; rabbit rabbits; bear bears; lion lions; monkey monkeys; frog frogs
        food: apple apples; cake cakes; egg eggs; potato potatoes; cherry cherries; onion onions; carrot carrots; loaf loaves; pear pears; sausage sausages; melon melons; tomato tomatoes
        thing: book books; knife knives; box boxes; cup cups; chair chairs; lamp lamps; key keys; letter letters; coat coats; hat hats; brush brushes; basket baskets; bottle bottles; boat boats; wheel wheels; ring rings; coin coins; candle candles; bag bags; drum drums
        place: garden gardens; house houses; market markets; forest forests; kitchen kitchens; church churches; city cities; village villages; bridge bridges; school schools; beach beaches; valley valleys
        """

    /// `group: base, third person, past, -ing; ...`. `alone`: no object; `thing`, `food`, `being`: its kind.
    static let verbs = """
        alone: walk walks walked walking; laugh laughs laughed laughing; cry cries cried crying; dance dances danced dancing; sing sings sang singing; swim swims swam swimming; wait waits waited waiting; work works worked working; jump jumps jumped jumping; smile smiles smiled smiling; shout shouts shouted shouting; sleep sleeps slept sleeping; run runs ran running; rest rests rested resting
        thing: carry carries carried carrying; break breaks broke breaking; hold holds held holding; mend mends mended mending; wash washes washed washing; lift lifts lifted lifting; drop drops dropped dropping; lose loses lost losing; find finds found finding; sell sells sold selling; buy buys bought buying; steal steals stole stealing; bring brings brought bringing; throw throws threw throwing; open opens opened opening; close closes closed closing; push pushes pushed pushing; pull pulls pulled pulling
        food: eat eats ate eating; bake bakes baked baking; taste tastes tasted tasting; boil boils boiled boiling; chew chews chewed chewing; swallow swallows swallowed swallowing; slice slices sliced slicing
        being: see sees saw seeing; know knows knew knowing; love loves loved loving; hate hates hated hating; follow follows followed following; call calls called calling; help helps helped helping; visit visits visited visiting; thank thanks thanked thanking; remember remembers remembered remembering; forget forgets forgot forgetting; meet meets met meeting
        """

    /// `group: word comparative superlative opposite; ...`. `none` stand in no sentence of the two languages.
    static let adjectives = """
        both: big bigger biggest small; small smaller smallest big; old older oldest young; strong stronger strongest weak; weak weaker weakest strong; clean cleaner cleanest dirty; dirty dirtier dirtiest clean; wet wetter wettest dry; dry drier driest wet; heavy heavier heaviest light; fat fatter fattest thin; thin thinner thinnest fat; ugly uglier ugliest pretty; pretty prettier prettiest ugly
        being: tall taller tallest short; short shorter shortest tall; young younger youngest old; rich richer richest poor; poor poorer poorest rich; happy happier happiest sad; sad sadder saddest happy; loud louder loudest quiet; quiet quieter quietest loud; slow slower slowest fast; fast faster fastest slow; clever cleverer cleverest stupid; stupid stupider stupidest clever; calm calmer calmest wild; wild wilder wildest calm; kind kinder kindest cruel; cruel crueller cruellest kind; brave braver bravest timid; timid timider timidest brave
        object: hot hotter hottest cold; cold colder coldest hot; hard harder hardest soft; soft softer softest hard; light lighter lightest heavy; smooth smoother smoothest rough; rough rougher roughest smooth; cheap cheaper cheapest dear; dear dearer dearest cheap
        none: dark darker darkest bright; bright brighter brightest dark; wide wider widest narrow; narrow narrower narrowest wide; high higher highest low; low lower lowest high; deep deeper deepest shallow; shallow shallower shallowest deep; early earlier earliest late; late later latest early; sweet sweeter sweetest sour; sour sourer sourest sweet; near nearer nearest far; far farther farthest near
        """

    /// Opposites among verbs, read both ways.
    static let oppositeVerbs =
        "laugh cry; lose find; sell buy; open close; push pull; love hate; remember forget"

    /// `tense: word; ...`: the time of a sentence.
    static let times = """
        present: today; now; nowadays; often; sometimes; usually
        past: yesterday; once; recently; formerly
        """

    /// Beginnings and endings of the stems of the second language, joined in a fixed order.
    static let firstSyllables =
        "ba do fe gi ku la mo ne pi ru sa to vi zo bre dra kri tro ska flo gla vel tur nim"
    static let secondSyllables = "rum lek tav dis mor nul fen gash pol zir bek sum vath rold kin"
}
