// A table of words, written by hand; it may be longer than other files.
// One line per class and tags: `class tag=value: entry; entry`. See `Inflection` for how verbs are written.
extension PlantedTables {
    static let topicWords = """
        thing topic=food: soup; stew; pie; pancake; omelette; salad; sandwich; casserole; pudding; curry; loaf; muffin; dumpling; trifle; risotto; tart
        verb topic=food: taste; serve; season; prepare; order; sample; devour; reheat; dish up; gobble up
        actor topic=food: cook; baker; waiter; chef; butcher; grocer; waitress; pastry cook; cheesemaker; diner
        place topic=food: in the kitchen; at the bakery; in the canteen; at the buffet; in the pantry; at the food stall; in the dining room; at the tavern
        gear topic=food: frying pan; ladle; saucepan; whisk; rolling pin; teapot; spatula; oven; recipe book; breadknife
        aspect topic=food: flavour; aroma; crust; gravy; filling; seasoning; sauce; texture
        iv topic=food: dine; feast; nibble; snack
        stuff topic=food: butter; flour; garlic; honey; cinnamon; pepper; vinegar; cheese; cream; mustard
        hobby topic=food: baking; cooking; roasting; tasting

        thing topic=sport: match; race; tournament; marathon; relay; semifinal; championship; regatta; hurdle race; cup final; home game; play-off; derby; triathlon; decathlon; league game
        verb topic=sport: win!/won; referee; enter; organise; umpire; dominate; cheer at; train for; warm up for
        actor topic=sport: coach; goalkeeper; referee; striker; runner; swimmer; wrestler; captain; athlete; skier
        place topic=sport: in the stadium; on the pitch; at the racetrack; in the gym; at the swimming pool; on the tennis court; at the arena; in the changing room
        gear topic=sport: racket; football; helmet; jersey; trophy; whistle; skateboard; dumbbell; javelin; medal
        aspect topic=sport: score; stamina; teamwork; defence; warm-up; footwork; halftime show; serve
        iv topic=sport: train hard; sprint; jog!; wrestle
        stuff topic=sport: chalk dust; sports tape; muscle cream; energy drink; sweat; liniment
        hobby topic=sport: running; swimming; fencing; cycling

        thing topic=weather: storm; rainbow; sunrise; sunset; drizzle; breeze; blizzard; snowfall; thunderstorm; heatwave; hailstorm; cloudburst; gale; downpour; frost; mist
        verb topic=weather: observe; forecast/forecast; track; predict; chart; await; detect; monitor; brave; gaze at
        actor topic=weather: forecaster; weatherman; meteorologist; storm chaser; lighthouse keeper; cloud watcher; shepherd; weather reporter
        place topic=weather: under the clouds; at the weather station; in the rain; out in the wind; under the grey sky; in the fog; by the lighthouse; in the sunshine
        gear topic=weather: umbrella; raincoat; thermometer; barometer; scarf; weather vane; sunshade; rain gauge; woolly hat; parasol
        aspect topic=weather: temperature; humidity; air pressure; sunlight; wind; daylight; cloud cover; horizon
        iv topic=weather: shiver; freeze/froze/frozen; shelter; thaw out
        stuff topic=weather: rain; snow; sleet; ice; thunder; lightning; moonlight; dew
        hobby topic=weather: cloud watching; storm chasing; forecasting; stargazing

        thing topic=travel: village; harbour; castle; island; museum; cathedral; canyon; lagoon; temple; mountain pass; seaport; monument; waterfall; old town; vineyard; desert
        verb topic=travel: visit; explore; photograph; reach; tour; sail past; leave/left; drive to/drove/driven; pass; revisit
        actor topic=travel: guide; pilot; tourist; sailor; passenger; innkeeper; hiker; ferryman; pilgrim; stewardess
        place topic=travel: at the station; at the airport; on the ferry; in the hotel; at the border; on the night train; at the campsite; on the coast road
        gear topic=travel: suitcase; passport; rucksack; compass; tent; ticket; guidebook; postcard; sleeping bag; road map
        aspect topic=travel: view; route; scenery; landscape; crossing; journey; skyline; itinerary
        iv topic=travel: wander; set sail/set; hitchhike; camp
        stuff topic=travel: luggage; foreign money; sunscreen; travel insurance; baggage; petrol
        hobby topic=travel: sightseeing; camping; sailing; hiking

        thing topic=music: song; waltz; symphony; ballad; concerto; lullaby; sonata; melody; anthem; serenade; overture; duet; march; hymn; tango; quartet
        verb topic=music: play; hear/heard; perform; compose; conduct; rehearse; transpose; listen to; record; arrange
        actor topic=music: singer; drummer; violinist; conductor; pianist; composer; cellist; guitarist; trumpeter; choirmaster
        place topic=music: in the concert hall; at the opera; on the bandstand; in the recording studio; at the jazz club; in the choir stalls; at the festival; in the orchestra pit
        gear topic=music: guitar; violin; drum; trumpet; piano; flute; metronome; cello; microphone; banjo
        aspect topic=music: rhythm; tempo; chorus; harmony; refrain; acoustics; singing; encore
        iv topic=music: strum!; improvise; tap dance; croon
        stuff topic=music: sheet music; applause; rosin; jazz; opera; folk music
        hobby topic=music: singing; drumming; composing; yodelling

        thing topic=school: lesson; essay; exam; lecture; spelling test; quiz; dictation; assignment; seminar; history class; exercise; maths test; school play; geography project; term paper; oral exam
        verb topic=school: study; revise; explain; discuss; repeat; prepare for; hand in; mark; miss
        actor topic=school: teacher; pupil; headmaster; student; classmate; librarian; tutor; professor; schoolboy; lecturer
        place topic=school: in the classroom; in the library; at the blackboard; in the playground; in the lecture hall; at the school gate; in the laboratory; in the cloakroom
        gear topic=school: pencil; notebook; ruler; blackboard; satchel; dictionary; protractor; exercise book; globe; eraser
        aspect topic=school: marking; spelling; homework; handwriting; discipline; timetable; syllabus; reading list
        iv topic=school: fidget; doodle; daydream; cram!
        stuff topic=school: chalk; ink; algebra; grammar; geometry; arithmetic
        hobby topic=school: reading; spelling; studying; debating

        thing topic=garden: rose; tulip; hedge; cherry tree; sunflower; cabbage; pumpkin; lavender bush; orchid; fern; daffodil; apple tree; lily; vine; tomato plant; flowerbed
        verb topic=garden: plant; water; prune; trim!; fertilise; weed around; transplant; mulch; tend; sow around; repot!; shade
        actor topic=garden: gardener; florist; beekeeper; botanist; groundskeeper; tree surgeon; seed merchant; nurseryman
        place topic=garden: in the greenhouse; in the orchard; on the lawn; behind the shed; by the pond; in the vegetable patch; under the oak; at the garden centre
        gear topic=garden: spade; rake; wheelbarrow; watering can; trowel; flowerpot; lawnmower; garden hose; hoe; birdbath
        aspect topic=garden: soil; blossom; foliage; scent; harvest; lawn; undergrowth; flower show
        iv topic=garden: dig/dug; rake leaves; sow seeds; mow the grass
        stuff topic=garden: compost; moss; ivy; manure; bark; clover
        hobby topic=garden: gardening; pruning; weeding; digging

        thing topic=work: contract; invoice; budget; meeting; presentation; memo; spreadsheet; deadline; proposal; audit; job interview; sales target; conference; payslip; merger; workshop
        verb topic=work: schedule; approve; negotiate; postpone; manage; plan!; oversee/oversaw/overseen; delegate; sort out; draft
        actor topic=work: manager; clerk; accountant; secretary; supervisor; intern; lawyer; engineer; salesman; receptionist
        place topic=work: in the office; at the factory; in the boardroom; at the front desk; in the warehouse; at headquarters; in the staff room; at the branch
        gear topic=work: stapler; laptop; briefcase; printer; filing cabinet; calculator; name badge; photocopier; desk; whiteboard
        aspect topic=work: salary; workload; profit; turnover; agenda; paperwork; efficiency; cash flow
        iv topic=work: work late; network; clock in; commute
        stuff topic=work: paper; overtime; correspondence; office coffee; toner; stationery
        hobby topic=work: bookkeeping; filing; typing; managing

        thing topic=film: film; comedy; thriller; documentary; western; melodrama; cartoon; blockbuster; biopic; sequel; remake; silent film; horror film; spy film; short film; love story
        verb topic=film: watch; rewatch; screen; direct; edit; release; premiere; preview; dub!; narrate; stream; subtitle
        actor topic=film: actor; actress; film director; stuntman; screenwriter; usher; projectionist; producer; cameraman; film critic; film star; movie extra
        place topic=film: at the cinema; in the front row; in the back row; on the film set; at the drive-in; in the screening room; on the red carpet; at the box office; in the film studio; at the film festival
        gear topic=film: camera; projector; screenplay; clapperboard; film reel; floodlight; megaphone; costume; popcorn box; film poster; wig; cinema ticket
        aspect topic=film: plot; ending; dialogue; acting; soundtrack; camerawork; cast; opening scene; pacing; storyline
        iv topic=film: act; audition; munch popcorn; queue up
        stuff topic=film: popcorn; slapstick; fake blood; celluloid; stage makeup; suspense
        hobby topic=film: filming; acting; moviegoing; film editing

        thing topic=-: box; vase; letter; painting; chair; basket; puzzle; lamp; blanket; photograph; mirror; parcel
        verb topic=-: find/found; keep/kept; show/showed/shown; bring/brought; choose/chose/chosen; move; hide/hid/hidden; carry
        actor topic=-: neighbour; stranger; cousin; visitor; aunt; uncle; twin; mayor
        place topic=-: at home; in the street; by the window; at the corner; in the attic; in the hallway
        gear topic=-: key; bag; torch; ribbon; coin; button; candle; hook
        aspect topic=-: colour; size; shape; weight; price; style
        iv topic=-: rest; wait; sit/sat; smile
        stuff topic=-: string; glue; wax; soap; wool; dust
        hobby topic=-: chess; knitting; sewing; drawing
        """
}
