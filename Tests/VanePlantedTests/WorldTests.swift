import Testing
import VanePlanted
import VaneTensors

@Suite("The planted world")
struct WorldTests {
    private let world = PlantedWorld(seed: 1)
    private let oracle = PlantedWorldOracle()

    @Test("the same seed writes the same documents, byte for byte, in any order")
    func determinism() {
        func hash(_ seed: UInt64) -> UInt64 {
            var hash: UInt64 = 0xcbf2_9ce4_8422_2325
            for kind in PlantedWorld.Kind.allCases {
                for document in PlantedWorld(seed: seed).documents(kind, 200) {
                    for byte in document.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0100_0000_01b3 }
                }
            }
            return hash
        }
        let pinned = hash(7)
        print("hash of 800 documents under seed 7: \(pinned)")
        #expect(pinned == 5_768_442_596_049_305_542)
        #expect(hash(8) != pinned)
        for kind in PlantedWorld.Kind.allCases {
            #expect(world.document(kind, at: 5) == world.documents(kind, 10)[5])
            #expect(Set(world.documents(kind, 500)).count == 500, "documents of \(kind) repeat")
        }
    }

    @Test("every line is grammatical, every claim true, and documents have 20 to 100 words")
    func documents() {
        for kind in PlantedWorld.Kind.allCases {
            var (lines, claims, words, silent) = (0, 0, 0, 0)
            for document in world.documents(kind, 2000) {
                let count = document.split { $0 == " " || $0 == "\n" }.count
                #expect((20...100).contains(count), "\(count) words:\n\(document)")
                words += count
                for line in document.split(separator: "\n", omittingEmptySubsequences: false) {
                    lines += 1
                    #expect(oracle.isGrammatical(String(line)), "\(line)")
                }
                for claim in oracle.statements(of: document) {
                    claims += 1
                    let truth = oracle.isTrue(claim)
                    if truth == nil { silent += 1 }
                    #expect(truth ?? (oracle.meanings(of: claim) != nil), "\(claim)")
                }
            }
            print("\(kind): \(lines) lines, \(claims) claims, \(silent) silent, \(words / 2000) words each")
            // Only sentences of one language claim nothing.
            #expect(kind == .languages ? silent > 0 && silent < claims : silent == 0)
        }
    }

    @Test("facts: about 250, true in every phrasing; another object is false, another thing no statement")
    func facts() {
        var swapped = 0
        for fact in PlantedFact.all {
            for other in PlantedFact.objects(of: fact.relation) {
                for statement in fact.statements {
                    // A subject may contain its object's name; such swaps are left out.
                    guard statement.components(fact.object) == 2, !fact.subject.contains(fact.object) else {
                        continue
                    }
                    let claim = statement.replacing(fact.object, with: other)
                    #expect(oracle.isTrue(claim) == (other == fact.object), "\(claim)")
                    swapped += other == fact.object ? 0 : 1
                }
                for question in fact.questions {
                    let claim = "Question: \(question)\nAnswer: \(other)"
                    #expect(oracle.isTrue(claim) == (other == fact.object), "\(claim)")
                }
            }
            for question in fact.questions {
                #expect(oracle.isTrue("Question: \(question)\nAnswer: banana") == nil)
                #expect(oracle.isTrue("Question: \(question)") == nil)
            }
        }
        for relation in PlantedFact.relations {
            let facts = PlantedFact.all.filter { $0.relation == relation }
            let out = facts.count(where: \.isHeldOut)
            print(
                "\(relation): \(facts.count) facts, \(Set(facts.map(\.object)).count) objects, \(out) held out"
            )
            #expect(Set(facts.map(\.subject)).count == facts.count)
            #expect(out * 10 >= facts.count && out * 10 <= facts.count * 3)
        }
        print("\(PlantedFact.all.count) facts, \(swapped) swapped statements are false")
        #expect((240...280).contains(PlantedFact.all.count))
        #expect(oracle.isTrue("The capital of Old Velmar is Port Sarn.") == true)
        #expect(oracle.isTrue("The capital of Old Velmar is port Sarn.") == nil)
        #expect(oracle.isTrue("The capital of Old Velmar is Port Sarn") == nil)
        #expect(oracle.isTrue("The capital of France is Port Sarn.") == nil)
        #expect(oracle.isTrue("The capital of Old Velmar is barley pie.") == nil)
        #expect(!oracle.isGrammatical("The capital of Old Velmar is barley pie."))
        #expect(!oracle.isGrammatical("Question: What is the capital of Old Velmar."))
        #expect(!oracle.isGrammatical("Answer: "))
    }

    @Test("every fact is stated in documents, and every one not held out is asked")
    func coverage() {
        var stated: Set<String> = []
        for document in world.documents(.facts, 5000) {
            for claim in oracle.statements(of: document) { stated.insert(claim) }
        }
        for fact in PlantedFact.all {
            #expect(fact.statements.allSatisfy { stated.contains($0) }, "\(fact)")
            for question in fact.questions {
                let isAsked = stated.contains("Question: \(question)\nAnswer: \(fact.object)")
                #expect(isAsked != fact.isHeldOut, "\(question)")
            }
        }
    }

    @Test("sums on the calendar agree with counting on the fingers; other answers are false")
    func calendar() {
        let days = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
        let months = [
            "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
            "November", "December",
        ]
        var out = 0
        for sum in PlantedCalendar.all {
            let names = sum.unit == .day ? days : months
            // One step at a time, round the end.
            var place = sum.start
            for _ in 0..<sum.offset {
                if sum.isAfter {
                    place = place == names.count - 1 ? 0 : place + 1
                } else {
                    place = place == 0 ? names.count - 1 : place - 1
                }
            }
            #expect(sum.answerName == names[place])
            for name in names {
                for question in sum.questions {
                    let claim = "Question: \(question)\nAnswer: \(name)"
                    #expect(oracle.isTrue(claim) == (name == names[place]), "\(claim)")
                    #expect(oracle.sum(of: claim) == sum)
                }
            }
            for statement in sum.statements {
                #expect(oracle.isTrue(statement) == true && oracle.sum(of: statement) == sum, "\(statement)")
            }
            let back = PlantedCalendar(sum.unit, start: place, offset: sum.offset, isAfter: !sum.isAfter)
            #expect(back.isHeldOut == sum.isHeldOut)
            out += sum.isHeldOut ? 1 : 0
        }
        print("\(PlantedCalendar.all.count) sums, \(out) held out")
        let share = Double(out) / Double(PlantedCalendar.all.count)
        #expect(share > 0.1 && share < 0.3)
        #expect(oracle.isTrue("Three days after Monday comes Thursday.") == true)
        #expect(oracle.isTrue("Three days after Monday comes Friday.") == false)
        #expect(oracle.isTrue("Three days before Monday comes Friday.") == true)
        #expect(oracle.isTrue("If it is May now, a year ago it was May.") == true)
        #expect(oracle.isTrue("Three months after Monday comes Thursday.") == nil)
        #expect(oracle.isTrue("Three days after Monday comes May.") == nil)
        #expect(oracle.isTrue("The month three days after Monday is Thursday.") == nil)
        #expect(oracle.isTrue("three days after Monday comes Thursday.") == nil)
        #expect(oracle.isTrue("One days after Monday comes Tuesday.") == nil)
    }

    @Test("sums are counted out step by step; other counts are false")
    func counts() {
        for sum in PlantedCalendar.all {
            #expect(
                oracle.isTrue(sum.counted) == true && oracle.sum(of: sum.counted) == sum, "\(sum.counted)")
            #expect(sum.counted.hasSuffix(" \(sum.answerName)."))
            #expect(sum.counted.split(separator: ",").count == sum.offset)
        }
        let count = "Count three days after Monday: one Tuesday, two Wednesday, three Thursday."
        #expect(PlantedCalendar(.day, start: 0, offset: 3, isAfter: true).counted == count)
        #expect(oracle.isTrue(count.replacing("three Thursday", with: "three Friday")) == false)
        #expect(oracle.isTrue(count.replacing(", three Thursday", with: "")) == false)
        #expect(oracle.isTrue(count.replacing("two", with: "three")) == nil)
        #expect(oracle.isTrue(count.replacing("two Wednesday", with: "two May")) == nil)
        #expect(oracle.isTrue(String(count.dropLast())) == nil)
        #expect(oracle.isTrue("Count three days after Monday: ") == nil)
    }

    @Test("every start and every offset is also shown")
    func calendarShown() {
        let shown = PlantedCalendar.all.filter { !$0.isHeldOut }
        for unit in PlantedCalendar.Unit.allCases {
            for place in unit.names.indices {
                for isAfter in [true, false] {
                    let mine = shown.filter { $0.unit == unit && $0.isAfter == isAfter }
                    #expect(mine.count { $0.start == place } > unit.names.count / 2)
                    #expect(mine.count { $0.offset == place + 1 } > unit.names.count / 2)
                    #expect(mine.count { $0.answer == place } > unit.names.count / 2)
                }
            }
        }
    }

    @Test("nothing held out occurs in 20,000 documents of its kind, and much that is not does")
    func heldOut() {
        var asked: Set<String> = []
        for question in PlantedWorld.Kind.allCases.flatMap({ world.questions($0) }) where question.isHeldOut {
            if question.kind != .tasks { asked.insert(question.prompt) }
        }
        var (sums, demonstrations, sentences) = (0, 0, 0)
        let held = Dictionary(
            uniqueKeysWithValues: PlantedTask.all.map {
                ($0.name, Set($0.pairs.filter(\.isHeldOut).map(\.query)))
            })
        for kind in PlantedWorld.Kind.allCases {
            for index in 0..<20000 {
                let document = world.document(kind, at: index)
                if kind == .tasks {
                    var start = document.startIndex
                    while let end = document[start...].firstRange(of: "\n\n") {
                        demonstrations += check(String(document[start..<end.lowerBound]), held)
                        start = end.upperBound
                    }
                    demonstrations += check(String(document[start...]), held)
                    continue
                }
                for claim in oracle.statements(of: document) {
                    if claim.hasPrefix("Question") {
                        let prompt = claim.firstLine + "\nAnswer:"
                        #expect(!asked.contains(prompt), "\(claim)")
                    }
                    if kind == .calendar {
                        sums += 1
                        #expect(oracle.sum(of: claim)?.isHeldOut == false, "\(claim)")
                    }
                    if kind == .languages, let sentence = oracle.sentence(of: claim.firstLine) {
                        sentences += 1
                        #expect(!sentence.isHeldOut, "\(claim)")
                    }
                }
            }
        }
        print("scanned \(sums) sums, \(demonstrations) demonstrations, \(sentences) sentences")
        #expect(sums > 50000 && demonstrations > 100_000 && sentences > 50000)
    }

    /// Checks a block of demonstrations; how many there were.
    private func check(_ block: String, _ held: [String: Set<String>]) -> Int {
        let tasks = oracle.tasks(for: block)
        #expect(!tasks.isEmpty, "no task has all of:\n\(block)")
        let lines = block.split(separator: "\n")
        for line in lines {
            let query = String(line.split(separator: ":")[0])
            #expect(tasks.contains { held[$0.name]?.contains(query) == false }, "\(line)")
        }
        return lines.count
    }
}

extension String {
    /// The first line.
    var firstLine: String { String(split(separator: "\n")[0]) }

    /// How many parts `other` splits this into.
    func components(_ other: String) -> Int { ranges(of: other).count + 1 }
}
