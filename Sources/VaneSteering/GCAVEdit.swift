import VaneConcepts
import VaneSites
import VaneTensors

/// One concept's demand at one site: its probe should read at least or at most the target.
struct GCAVConstraint: Sendable {
    let concept: String
    let probe: LinearProbe
    let goal: SteeringPlan.Goal
    let target: Double
    let condition: Condition
    /// `logit(target)`
    private let wanted: Double

    init(
        concept: String, probe: LinearProbe, goal: SteeringPlan.Goal, target: Double, condition: Condition
    ) {
        self.concept = concept
        self.probe = probe
        self.goal = goal
        self.target = target
        self.condition = condition
        wanted = LinearProbe.logit(ofProbability: target)
    }

    /// How far the logit has to move in the demanded direction; 0 or less when satisfied.
    func deficit(_ row: UnsafeMutableBufferPointer<Float>) -> Double {
        let product = row.product(with: probe.weights)
        return sign * (wanted - product - Double(probe.bias))
    }

    /// +1 when adding, -1 when removing.
    var sign: Double { goal == .add ? 1 : -1 }
}

/// The GCAV edit. Row 1: Zhang et al., AAAI 2025, arXiv 2501.05764.
///
/// One concept: `e′ = e + ε·v`, `ε = (logit(p₀) - b - w·e)/‖w‖` when adding and `P(e) < p₀`, or removing and
/// `P(e) > p₀`; otherwise `e` stays as it is, bit for bit. Afterwards the probe reads p₀:
/// `w·v = ‖w‖`.
///
/// Several concepts: the moves `x` along the unit directions minimise `Σ|x|` under all demands, which are
/// linear in logit space (``L1Program``). A row no move can satisfy is left alone; a solution more than
/// ``explosionLimit`` times as long as the separate moves together is cut to that length. Both are counted.
///
/// Where a schedule gives a part of the whole, a demand asks for that part of its missing logit.
struct GCAVEdit: Edit {
    /// How much longer a joint move may be than the separate moves together.
    static let explosionLimit = 10.0

    private let constraints: [GCAVConstraint]
    /// `gram[i][j] = sᵢ·wᵢ·vⱼ`: what a move along direction j does to demand i.
    private let gram: [[Double]]
    private let ledger: SteeringLedger

    init(_ constraints: [GCAVConstraint], ledger: SteeringLedger) {
        self.constraints = constraints
        self.ledger = ledger
        gram = constraints.map { a in
            constraints.map { b in
                a.sign * Numbers.dot(a.probe.weights, b.probe.direction)
            }
        }
    }

    func apply(to activation: Activation) {
        var entry = SteeringLedger.Entry()
        let parts = constraints.map { $0.condition.parts(of: activation) }
        for index in 0..<activation.rows {
            let active = constraints.indices.filter { parts[$0][index] > 0 }
            guard !active.isEmpty else { continue }
            entry.rows += 1
            let row = activation[index]
            let deficits = active.map {
                let deficit = constraints[$0].deficit(row)
                return deficit > 0 ? deficit * parts[$0][index] : deficit
            }
            guard deficits.contains(where: { $0 > 0 }) else { continue }
            guard let moves = moves(active, deficits, &entry) else {
                entry.infeasible += 1
                continue
            }
            entry.moved += 1
            entry.moveLength += SteeringLedger.summable(move(row, active, moves))
        }
        ledger.record(activation.site) { $0.add(entry) }
    }

    /// How far to go along each active direction; nil when no move satisfies every demand.
    private func moves(_ active: [Int], _ deficits: [Double], _ entry: inout SteeringLedger.Entry)
        -> [Double]?
    {
        if active.count == 1 { return [deficits[0] / gram[active[0]][active[0]]] }
        let program = L1Program(matrix: active.map { i in active.map { gram[i][$0] } }, bounds: deficits)
        guard var moves = program.solve() else { return nil }
        let separate = zip(active, deficits).reduce(0.0) { $0 + max(0, $1.1) / constraints[$1.0].probe.norm }
        let length = moves.reduce(0) { $0 + abs($1) }
        if length > GCAVEdit.explosionLimit * separate {
            moves = moves.map { $0 * GCAVEdit.explosionLimit * separate / length }
            entry.capped += 1
        }
        return moves
    }

    /// Adds the moves to the row and returns the length of their sum.
    private func move(_ row: UnsafeMutableBufferPointer<Float>, _ active: [Int], _ moves: [Double]) -> Double
    {
        var squares = 0.0
        for j in row.indices {
            var change = 0.0
            for (i, length) in zip(active, moves) {
                change += length * Double(constraints[i].probe.direction[j])
            }
            row[j] = Float(Double(row[j]) + change)
            squares += change * change
        }
        return squares.squareRoot()
    }
}
