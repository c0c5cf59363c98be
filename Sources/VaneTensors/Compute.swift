import CVaneKernels

/// The machine Vane computes on: instruction set and threads.
public enum Compute {
    /// The instruction set in use: `scalar`, `neon`, `avx2` or `avx512`. The environment variable
    /// `VANE_SIMD` overrides the choice when the process starts.
    public static var instructionSet: String { String(cString: vk_simd_name(vk_simd_active())) }

    /// Threads that share a kernel's work. Starts at the environment variable `VANE_THREADS`, else at the
    /// number of cores. Results do not depend on it.
    public static var threads: Int {
        get { Int(vk_thread_count()) }
        set { vk_set_thread_count(Int32(clamping: newValue)) }
    }

    /// Calls `body(0) … body(parts - 1)` on the kernels' threads and returns when all have returned.
    package static func parallel(_ parts: Int, _ body: @Sendable (Int) -> Void) {
        withoutActuallyEscaping(body) { escaping in
            let box = Unmanaged.passRetained(Job(escaping))
            vk_parallel(
                parts,
                { context, part in
                    guard let context else { return }
                    Unmanaged<Job>.fromOpaque(context).takeUnretainedValue().body(part)
                }, box.toOpaque())
            box.release()
        }
    }

    private final class Job {
        let body: @Sendable (Int) -> Void
        init(_ body: @escaping @Sendable (Int) -> Void) { self.body = body }
    }
}
