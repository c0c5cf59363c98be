import Synchronization
import Testing
import VaneSites
import VaneTestSupport

@Suite("Hooks")
struct HooksTests {
    /// Runs `hooks` at `site` on these rows and returns them afterwards.
    private func run(_ hooks: Hooks, at site: Site = .residual(1), _ rows: [[Float]] = [[1, 2], [3, 4]])
        -> [[Float]]
    {
        var values = rows.flatMap { $0 }
        let width = rows[0].count
        values.withUnsafeMutableBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return }
            hooks.run(
                Activation(
                    site: site, base: base, rows: rows.count, width: width, rowStride: width,
                    firstPosition: 0,
                    promptLength: rows.count))
        }
        return rows.indices.map { Array(values[$0 * width..<($0 + 1) * width]) }
    }

    private let double = RowEdit { for i in $0.indices { $0[i] *= 2 } }
    private let increment = RowEdit { for i in $0.indices { $0[i] += 1 } }

    @Test("a tap before an edit sees the old values, one after it the new", .tags(.law))
    func tapsAndEdits() {
        let (before, after) = (ActivationRecorder(), ActivationRecorder())
        var hooks = Hooks()
        hooks.add(before, at: .residual(1))
        hooks.add(double, at: .residual(1))
        hooks.add(after, at: .residual(1))
        #expect(run(hooks) == [[2, 4], [6, 8]])
        #expect(before.rows(at: .residual(1)) == [[1, 2], [3, 4]])
        #expect(after.rows(at: .residual(1)) == [[2, 4], [6, 8]])
    }

    @Test("edits act in the order they were added", .tags(.law))
    func order() {
        var hooks = Hooks()
        hooks.add(double, at: .residual(1))
        hooks.add(increment, at: .residual(1))
        #expect(run(hooks) == [[3, 5], [7, 9]])
        var reversed = Hooks()
        reversed.add(increment, at: .residual(1))
        reversed.add(double, at: .residual(1))
        #expect(run(reversed) == [[4, 6], [8, 10]])
    }

    @Test("followed(by:) runs the first hooks first and changes neither", .tags(.law))
    func followed() {
        var (first, second) = (Hooks(), Hooks())
        first.add(double, at: .residual(1))
        second.add(increment, at: .residual(1))
        second.add(increment, at: .logits)
        let both = first.followed(by: second)
        #expect(run(both) == [[3, 5], [7, 9]])
        #expect(run(second.followed(by: first)) == [[4, 6], [8, 10]])
        #expect(run(first) == [[2, 4], [6, 8]] && run(first, at: .logits) == [[1, 2], [3, 4]])
        #expect(both.sites == [.residual(1), .logits] && first.sites == [.residual(1)])
        #expect(run(Hooks().followed(by: first)) == run(first.followed(by: Hooks())))
        #expect(Hooks().followed(by: Hooks()).isEmpty)
    }

    @Test("hooks act at their own site only")
    func otherSites() {
        var hooks = Hooks()
        hooks.add(double, at: .residual(1))
        for site in layout.everySite where site != .residual(1) {
            #expect(run(hooks, at: site) == [[1, 2], [3, 4]], "\(site)")
            #expect(!hooks.has(site), "\(site)")
        }
        #expect(hooks.has(.residual(1)) && !hooks.isEmpty && Hooks().isEmpty && Hooks().sites.isEmpty)
    }

    @Test("the hooked heads of a block are listed, each once, also after joining")
    func heads() {
        var hooks = Hooks()
        hooks.add(double, at: .head(layer: 2, head: 1))
        hooks.add(increment, at: .head(layer: 2, head: 1))
        hooks.add(double, at: .head(layer: 2, head: 0))
        hooks.add(double, at: .attentionOutput(1))
        #expect(hooks.heads(in: 2).sorted() == [0, 1] && hooks.heads(in: 1).isEmpty)
        let joined = Hooks().followed(by: hooks).followed(by: hooks)
        #expect(joined.heads(in: 2).sorted() == [0, 1])
        #expect(joined.sites == [.attentionOutput(1), .head(layer: 2, head: 0), .head(layer: 2, head: 1)])
    }

    @Test("rows lie a stride apart")
    func strides() {
        var values: [Float] = [1, 2, 0, 0, 3, 4, 0, 0]
        var hooks = Hooks()
        hooks.add(increment, at: .embedding)
        values.withUnsafeMutableBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return }
            hooks.run(
                Activation(
                    site: .embedding, base: base, rows: 2, width: 2, rowStride: 4, firstPosition: 0,
                    promptLength: 2))
        }
        #expect(values == [2, 3, 0, 0, 4, 5, 0, 0])
    }
}
