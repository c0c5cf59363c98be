import VaneConcepts
import VaneSites
import VaneSteering
import VaneTensors
import VaneTestSupport

extension Concept {
    /// A concept of probes that were never measured.
    init(
        _ name: String, probes: [(Site, LinearProbe)], model: ModelIdentity, typicalNorm: Double = 0
    ) {
        let unknown = Estimate(value: 0.5, low: 0, high: 1)
        let layers = probes.map { site, probe in
            Layer(
                site: site, probe: probe, meanDifference: probe.direction,
                result: LayerResult(
                    site: site, accuracy: unknown, auroc: unknown, shuffledAccuracy: unknown,
                    shuffledAUROC: unknown, pValue: 1, lambda: 0, typicalNorm: typicalNorm))
        }
        self.init(
            name: name, layers: layers, defaultSites: layers.map(\.site),
            provenance: Provenance(
                method: "given", options: LearningOptions(), model: model, positives: 0, negatives: 0,
                heldOut: 0, truncated: 0, examplesSHA256: "", vaneVersion: ""),
            verdict: Verdict(isFound: false, correctedPValue: 1, sentence: "not measured"))
    }
}

/// Made-up identity of a network; steering does not look at fingerprints.
func identity(_ layout: NetworkLayout) -> ModelIdentity {
    ModelIdentity(
        name: "test", architecture: "test", fingerprint: "f", tokenizerFingerprint: "t", layout: layout)
}

/// A layout of `width` with `depth` blocks.
func layout(width: Int, depth: Int = 1) -> NetworkLayout {
    NetworkLayout(
        depth: depth, width: width, heads: 1, headWidth: width, mlpWidth: width, vocabulary: 10,
        maximumPositions: 64)
}

extension SeededGenerator {
    /// Normal entries times `scale`.
    mutating func vector(_ width: Int, scale: Double = 1) -> [Float] {
        (0..<width).map { _ in Float(normal() * scale) }
    }

    /// A probe with normal weights and bias.
    mutating func probe(_ width: Int, scale: Double = 1) -> LinearProbe {
        LinearProbe(weights: vector(width, scale: scale), bias: Float(normal()))
    }
}

/// A concept with one probe at each of `sites`.
func concept(
    _ name: String, _ probe: LinearProbe, at sites: [Site] = [.residual(0)], depth: Int = 1,
    typicalNorm: Double = 0
) -> Concept {
    Concept(
        name, probes: sites.map { ($0, probe) },
        model: identity(layout(width: probe.weights.count, depth: depth)), typicalNorm: typicalNorm)
}

/// The code of the ``SteeringError`` that `body` throws; nil if it throws none.
func steeringCode(_ body: () throws -> Void) -> SteeringError.Code? {
    do { try body() } catch { return (error as? SteeringError)?.code }
    return nil
}

/// A demand on one probe.
struct Demand {
    let probe: LinearProbe
    let goal: SteeringPlan.Goal
    let target: Double
    var scope = TokenScope.all

    /// How far the probe's reading of `row` misses the demand, as a probability; 0 or less when met.
    func miss(_ row: [Float]) -> Double {
        goal == .add ? target - probe.probability(row) : probe.probability(row) - target
    }
}

/// The plan of `demands` at block 0, each a concept of its own.
func compile(_ demands: [Demand]) throws -> CompiledPlan {
    let concepts = demands.enumerated().map { concept("c\($0)", $1.probe) }
    let entries = demands.enumerated().map {
        SteeringPlan.Entry(concept: "c\($0)", goal: $1.goal, target: $1.target, scope: $1.scope)
    }
    return try SteeringPlan(entries).compile(
        with: concepts, for: layout(width: demands.first?.probe.weights.count ?? 1))
}

extension CompiledPlan {
    /// `rows` after the plan's edits at block 0.
    func edit(_ rows: [[Float]], promptLength: Int? = nil, firstPosition: Int = 0) -> [[Float]] {
        PlantedRows.run(
            hooks, at: .residual(0), on: rows, promptLength: promptLength, firstPosition: firstPosition)
    }

    /// What happened at block 0: rows looked at, moved, left alone as infeasible, cut.
    var counts: [Int] {
        ledger.bySite[.residual(0)].map { [$0.rows, $0.moved, $0.infeasible, $0.capped] } ?? []
    }

    /// The sum of the moves' lengths at block 0.
    var moveLength: Double { ledger.bySite[.residual(0)]?.moveLength ?? .nan }
}
