/// GPT-2's printable stand-ins for the 256 bytes: itself where printable in Latin-1, else from U+0100 on.
enum ByteAlphabet {
    static let scalars: [UInt32] = {
        var next: UInt32 = 256
        return (0..<256 as Range<UInt32>).map { byte in
            switch byte {
            case 0x21...0x7E, 0xA1...0xAC, 0xAE...0xFF: return byte
            default:
                next += 1
                return next - 1
            }
        }
    }()

    /// The UTF-8 form of each byte's stand-in.
    static let encoded: [[UInt8]] = scalars.map { Array(String(Character(Unicode.Scalar($0) ?? " ")).utf8) }

    private static let byteOfScalar: [UInt8?] = {
        var table = [UInt8?](repeating: nil, count: 512)
        for (byte, scalar) in scalars.enumerated() { table[Int(scalar)] = UInt8(byte) }
        return table
    }()

    /// The bytes that a token stands for; nil where it has a character outside the alphabet.
    static func bytes(of token: some Sequence<UInt8>) -> [UInt8]? {
        var result: [UInt8] = []
        for scalar in String(decoding: Array(token), as: UTF8.self).unicodeScalars {
            guard scalar.value < 512, let byte = byteOfScalar[Int(scalar.value)] else { return nil }
            result.append(byte)
        }
        return result
    }

    /// The token that stands for bytes.
    static func token(of bytes: ArraySlice<UInt8>) -> [UInt8] { bytes.flatMap { encoded[Int($0)] } }
}
