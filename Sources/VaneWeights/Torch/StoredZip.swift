/// The entries of a zip archive that holds them as they are, as `torch.save` writes it.
///
/// Reads the central directory, with its 64-bit form. Compressed, encrypted and split archives are refused.
/// Checksums are not compared: PyTorch may leave them out.
struct StoredZip {
    /// Where each entry's bytes lie in the file.
    let entries: [String: Range<Int>]

    private let bytes: UnsafeRawBufferPointer
    private let file: String

    /// Reads the directory of the archive in `bytes`, which must outlive it; `file` is what errors call it.
    ///
    /// - Throws: ``WeightsError`` `malformed`.
    init(_ bytes: UnsafeRawBufferPointer, file: String) throws {
        let reader = StoredZip(entries: [:], bytes: bytes, file: file)
        self.init(entries: try reader.directory(), bytes: bytes, file: file)
    }

    private init(entries: [String: Range<Int>], bytes: UnsafeRawBufferPointer, file: String) {
        (self.entries, self.bytes, self.file) = (entries, bytes, file)
    }

    private func malformed(_ what: String) -> WeightsError {
        WeightsError(.malformed, "\(file) is not a zip archive that can be read: \(what)")
    }

    private func number<T: FixedWidthInteger>(_ type: T.Type, at place: Int) throws -> T {
        guard place >= 0, place <= bytes.count - MemoryLayout<T>.size else {
            throw malformed("it is cut short")
        }
        return T(littleEndian: bytes.loadUnaligned(fromByteOffset: place, as: T.self))
    }

    private func integer<T: FixedWidthInteger>(_ type: T.Type, at place: Int) throws -> Int {
        guard let value = Int(exactly: try number(type, at: place)), value <= bytes.count else {
            throw malformed("a length or place in it lies outside the file")
        }
        return value
    }

    /// Number, size and place of the directory, from the record at the end of the file.
    private func end() throws -> (count: Int, start: Int) {
        // The record is 22 bytes and a comment of up to 65535 bytes.
        var place = bytes.count - 22
        let first = max(0, bytes.count - 22 - 65_535)
        // The comment ends the file, which also tells the record from a comment that looks like one.
        while place >= first,
            try number(UInt32.self, at: place) != 0x0605_4B50
                || Int(number(UInt16.self, at: place + 20)) != bytes.count - place - 22
        { place -= 1 }
        guard place >= first else { throw malformed("the directory at its end is missing") }
        let count = try number(UInt16.self, at: place + 10)
        let start = try number(UInt32.self, at: place + 16)
        guard count == .max || start == .max else { return (Int(count), Int(start)) }
        // The 64-bit record, which a locator right before this one points to.
        guard try number(UInt32.self, at: place - 20) == 0x0706_4B50 else {
            throw malformed("the 64-bit directory is missing")
        }
        let record = try integer(UInt64.self, at: place - 12)
        guard try number(UInt32.self, at: record) == 0x0606_4B50 else {
            throw malformed("the 64-bit directory is missing")
        }
        return (
            try integer(UInt64.self, at: record + 32), try integer(UInt64.self, at: record + 48)
        )
    }

    private func directory() throws -> [String: Range<Int>] {
        let (count, start) = try end()
        guard start <= bytes.count, count <= (bytes.count - start) / 46 else {
            throw malformed("it claims \(count) entries")
        }
        var entries: [String: Range<Int>] = [:]
        var place = start
        for index in 0..<count {
            guard try number(UInt32.self, at: place) == 0x0201_4B50 else {
                throw malformed("entry \(index) of \(count) is missing")
            }
            let nameLength = Int(try number(UInt16.self, at: place + 28))
            let extraLength = Int(try number(UInt16.self, at: place + 30))
            let commentLength = Int(try number(UInt16.self, at: place + 32))
            let nameStart = place + 46
            guard nameStart + nameLength + extraLength <= bytes.count,
                let name = String(validating: bytes[nameStart..<nameStart + nameLength], as: UTF8.self)
            else { throw malformed("the name of entry \(index) is cut short or not UTF-8") }
            let range = try entry(
                name, at: place, extra: nameStart + nameLength..<nameStart + nameLength + extraLength)
            guard entries.updateValue(range, forKey: name) == nil else {
                throw malformed("the entry '\(name)' appears twice")
            }
            place = nameStart + nameLength + extraLength + commentLength
        }
        return entries
    }

    /// Where the bytes of the entry lie that the directory describes at `place`.
    private func entry(_ name: String, at place: Int, extra: Range<Int>) throws -> Range<Int> {
        guard try number(UInt16.self, at: place + 8) & 1 == 0 else {
            throw malformed("'\(name)' is encrypted")
        }
        guard try number(UInt16.self, at: place + 10) == 0 else {
            throw malformed("'\(name)' is compressed; torch.save stores entries as they are")
        }
        let stored = try number(UInt32.self, at: place + 20)
        let full = try number(UInt32.self, at: place + 24)
        let header = try number(UInt32.self, at: place + 42)
        var (length, local) = (Int(full), Int(header))
        if stored == .max || full == .max || header == .max {
            // The 64-bit field holds those of the three that did not fit, in this order: full, stored,
            // header.
            var field = try wideField(name, in: extra)
            if full == .max {
                length = try integer(UInt64.self, at: field)
                field += 8
            }
            if stored == .max {
                guard try integer(UInt64.self, at: field) == length else {
                    throw malformed("'\(name)' is compressed")
                }
                field += 8
            }
            if header == .max { local = try integer(UInt64.self, at: field) }
        } else if stored != full {
            throw malformed("'\(name)' is compressed")
        }
        guard try number(UInt32.self, at: local) == 0x0403_4B50 else {
            throw malformed("the bytes of '\(name)' are missing")
        }
        let start =
            local + 30 + Int(try number(UInt16.self, at: local + 26))
            + Int(try number(UInt16.self, at: local + 28))
        guard start <= bytes.count, length <= bytes.count - start else {
            throw malformed("'\(name)' takes \(length) bytes from \(start) on, the file has \(bytes.count)")
        }
        return start..<start + length
    }

    private func wideField(_ name: String, in extra: Range<Int>) throws -> Int {
        var place = extra.lowerBound
        while place + 4 <= extra.upperBound {
            let size = Int(try number(UInt16.self, at: place + 2))
            if try number(UInt16.self, at: place) == 1 { return place + 4 }
            place += 4 + size
        }
        throw malformed("the length of '\(name)' is missing")
    }
}
