// Tables of an invented world, written by hand: one line per country, town or person.
enum PlantedWorldTables {
    /// Country, capital, language, famous dish. The countries lie in a ring: the eastern neighbour of each is
    /// the next line.
    static let countries = """
        Old Velmar | Port Sarn | Velmarian | barley pie
        New Velmar | Tolvenna | Velmarian | salt herring
        Tarrowmark | Grenholt | Tarric | plum dumplings
        Upper Oskany | Brindle Ford | Oskan | barley pie
        Lower Oskany | Mavrin | Oskan | smoked eel
        Quillane | Saint Orrel | Quillic | almond bread
        Drevonia | Karsk | Drevic | beet soup
        East Drevonia | Lomsk Hill | Drevic | mushroom stew
        Fennmarch | Wethermere | Tarric | smoked eel
        Corrin Isle | Pellhaven | Corrish | salt herring
        Zamoor | Tel Azur | Zamoori | lamb rice
        Bashkanda | Rukhava | Zamoori | lamb rice
        Lirane | Villanore | Quillic | chestnut cake
        Mont Averel | Chandry | Quillic | onion tart
        Sundelmark | Norrvik | Sundic | almond bread
        Halvenland | Stromgard | Sundic | plum dumplings
        Nethershire | Copplewick | Corrish | onion tart
        Ovanka | Omaroa | Ovankan | coconut fish
        Pelu Atoll | Kalihau | Ovankan | coconut fish
        Gorim | Dun Gorath | Gorimese | mushroom stew
        Strath Ennoch | Inverdoon | Gorimese | beet soup
        Kesteria | Amborra | Kesteric | chestnut cake
        Tynn Vale | Hollow Bridge | Kesteric | honey cheese
        San Merido | Puerto Lune | Meridan | honey cheese
        Costa Brella | Torrivas | Meridan | bean stew
        """

    /// Town, country, river, founder.
    static let towns = """
        Port Sarn | Old Velmar | Long Morra | Mira Tolm
        Tolvenna | New Velmar | Arn | Osric Vane
        Grenholt | Tarrowmark | Silverbeck | Hedda Korrin
        Brindle Ford | Upper Oskany | Tessil | Pavo Lintz
        Mavrin | Lower Oskany | Tessil | Yara Desh
        Saint Orrel | Quillane | Dark Lune | Corvin Ashby
        Karsk | Drevonia | Great Obra | Bela Strom
        Lomsk Hill | East Drevonia | Great Obra | Bela Strom
        Wethermere | Fennmarch | Fenwater | Tobin Marl
        Pellhaven | Corrin Isle | Rill | Sella Quarn
        Tel Azur | Zamoor | Ishka | Idris Moor
        Rukhava | Bashkanda | Ishka | Idris Moor
        Villanore | Lirane | Dark Lune | Corvin Ashby
        Chandry | Mont Averel | Voll | Liselle Dane
        Norrvik | Sundelmark | Voll | Hedda Korrin
        Stromgard | Halvenland | Silverbeck | Rurik Sand
        Copplewick | Nethershire | Rill | Nell Garrow
        Omaroa | Ovanka | Sandwash | Keola Banu
        Kalihau | Pelu Atoll | Sandwash | Keola Banu
        Dun Gorath | Gorim | Kettle | Fergan Hale
        Inverdoon | Strath Ennoch | Kettle | Fergan Hale
        Amborra | Kesteria | Arn | Livia Ferro
        Hollow Bridge | Tynn Vale | Long Morra | Mira Tolm
        Puerto Lune | San Merido | Dark Lune | Ramo Estel
        Torrivas | Costa Brella | Sandwash | Ramo Estel
        Ashlow | Old Velmar | Arn | Osric Vane
        Redmoor Gate | Fennmarch | Fenwater | Nell Garrow
        Vintry | Quillane | Voll | Liselle Dane
        Sable Point | Tarrowmark | Long Morra | Rurik Sand
        Karrin Falls | Gorim | Silverbeck | Tobin Marl
        """

    /// Person, profession, home town.
    static let people = """
        Mira Tolm | mapmaker | Port Sarn
        Osric Vane | judge | Ashlow
        Hedda Korrin | shipbuilder | Norrvik
        Pavo Lintz | baker | Brindle Ford
        Yara Desh | poet | Tel Azur
        Corvin Ashby | stonemason | Saint Orrel
        Bela Strom | general | Karsk
        Tobin Marl | fisherman | Wethermere
        Sella Quarn | sailor | Pellhaven
        Idris Moor | merchant | Rukhava
        Liselle Dane | painter | Vintry
        Rurik Sand | shipbuilder | Stromgard
        Nell Garrow | weaver | Redmoor Gate
        Keola Banu | sailor | Kalihau
        Fergan Hale | shepherd | Dun Gorath
        Livia Ferro | physician | Amborra
        Ramo Estel | merchant | Puerto Lune
        Janna Wick | baker | Copplewick
        Edric Pohl | clockmaker | Grenholt
        Suli Amaro | physician | Torrivas
        Wenda Crace | judge | Copplewick
        Hallam Birk | shepherd | Inverdoon
        Oriel Fane | poet | Villanore
        Tamsin Roe | weaver | Hollow Bridge
        Volko Brandt | general | Lomsk Hill
        Zeno Pallas | clockmaker | Amborra
        Nadira Sohl | mapmaker | Tel Azur
        Kip Larkin | fisherman | Sable Point
        Marta Olin | painter | Tolvenna
        Joren Thule | stonemason | Norrvik
        Elspeth Crane | physician | Karrin Falls
        Dario Vesk | sailor | Puerto Lune
        Ilse Rowan | weaver | Grenholt
        Benno Starr | baker | Mavrin
        Pia Lorent | painter | Chandry
        Gareth Munn | fisherman | Wethermere
        Tova Lindell | clockmaker | Stromgard
        Rashid Omer | merchant | Rukhava
        Noelani Kaia | poet | Omaroa
        Cyril Penn | judge | Port Sarn
        """

    /// A relation with the kinds of its subject and object; below it statements and questions.
    static let relations = """
        capital country town
        The capital of {s} is {o}.
        {o} is the capital of {s}.
        {s} has its capital at {o}.
        The rulers of {s} sit in {o}.
        What is the capital of {s}?
        Which town is the capital of {s}?

        language country language
        The language of {s} is {o}.
        {o} is the language of {s}.
        The people of {s} speak {o}.
        In {s} everyone speaks {o}.
        What is the language of {s}?
        Which language do people speak in {s}?

        dish country dish
        The famous dish of {s} is {o}.
        {s} is famous for its {o}.
        In {s} people love to eat {o}.
        The cooks of {s} are proud of their {o}.
        What is the famous dish of {s}?
        Which dish is {s} famous for?

        neighbour country country
        The eastern neighbour of {s} is {o}.
        {o} lies just east of {s}.
        East of {s} lies {o}.
        A traveller who goes east from {s} comes to {o}.
        What is the eastern neighbour of {s}?
        Which country lies just east of {s}?

        river town river
        The river of {s} is the {o}.
        {s} stands on the river {o}.
        The {o} flows through {s}.
        The bridges of {s} cross the {o}.
        What is the river of {s}?
        Which river flows through {s}?

        country town country
        The town of {s} lies in {o}.
        {s} is a town in {o}.
        {s} belongs to {o}.
        One of the towns of {o} is {s}.
        In what country is {s}?
        Which country does {s} belong to?

        founder town person
        The founder of {s} was {o}.
        {o} founded {s}.
        {s} was founded by {o}.
        The first house in {s} was built by {o}.
        Who was the founder of {s}?
        Who founded {s}?

        profession person profession
        The profession of {s} is {o}.
        {s} is a {o}.
        {s} works as a {o}.
        {s} earns a living as a {o}.
        What is the profession of {s}?
        What does {s} work as?

        home person town
        The home town of {s} is {o}.
        {s} lives in {o}.
        {s} was born in {o}.
        The house of {s} is in {o}.
        What is the home town of {s}?
        Where does {s} live?
        """
}
