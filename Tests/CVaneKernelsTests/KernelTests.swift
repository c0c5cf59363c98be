import CVaneKernels
import Testing

/// Parent of all kernel tests. The instruction set and the number of threads are global, so nothing here
/// runs side by side.
@Suite(.serialized)
struct KernelTests {
    @Test("The scalar kernels are always there, and only what the machine has can be selected")
    func selection() {
        let before = vk_simd_active()
        defer { _ = vk_simd_select(before) }
        #expect(vk_simd_available(VK_SIMD_SCALAR) == 1)
        #expect(vk_simd_available(before) == 1)
        for simd in everyInstructionSet {
            let answer = vk_simd_select(simd)
            #expect((answer == 0) == (vk_simd_available(simd) == 1), "\(name(simd))")
            if answer == 0 { #expect(vk_simd_active() == simd, "\(name(simd))") }
        }
        #expect(everyInstructionSet.map(name) == ["scalar", "neon", "avx2", "avx512"])
    }
}
