/// Writes a byte-level `tokenizer.json`, the members in the order in which the reference library has them.
struct TokenizerWriter {
    private(set) var json: [UInt8] = []

    /// - Parameters:
    ///   - tokens: the bytes of each token, by id.
    ///   - merges: the ids that are joined, the first to join first.
    ///   - specialTokens: with the ids after those of `tokens`.
    init(tokens: [[UInt8]], merges: [TokenPair], specialTokens: [[UInt8]]) {
        let spellings = tokens.map { ByteAlphabet.token(of: $0[...]) }
        write(#"{"version":"1.0","truncation":null,"padding":null,"added_tokens":["#)
        write(list: specialTokens.indices) {
            $0.write(#"{"id":\#(tokens.count + $1),"content":"#)
            $0.write(quoted: specialTokens[$1])
            $0.write(#","single_word":false,"lstrip":false,"rstrip":false,"normalized":false,"#)
            $0.write(#""special":true}"#)
        }
        let trimming = #""trim_offsets":true,"use_regex":true}"#
        write(#"],"normalizer":null"#)
        write(#","pre_tokenizer":{"type":"ByteLevel","add_prefix_space":false,"# + trimming)
        write(#","post_processor":{"type":"ByteLevel","add_prefix_space":true,"# + trimming)
        write(#","decoder":{"type":"ByteLevel","add_prefix_space":true,"# + trimming)
        write(#","model":{"type":"BPE","dropout":null,"unk_token":null,"continuing_subword_prefix":null,"#)
        write(#""end_of_word_suffix":null,"fuse_unk":false,"byte_fallback":false,"ignore_merges":false,"#)
        write(#""vocab":{"#)
        write(list: spellings.indices) {
            $0.write(quoted: spellings[$1])
            $0.write(":\($1)")
        }
        write(#"},"merges":["#)
        write(list: merges.indices) {
            $0.write("[")
            $0.write(quoted: spellings[Int(merges[$1].left)])
            $0.write(",")
            $0.write(quoted: spellings[Int(merges[$1].right)])
            $0.write("]")
        }
        write("]}}\n")
    }

    private mutating func write(_ text: String) { json += text.utf8 }

    private mutating func write(list: Range<Int>, _ element: (inout TokenizerWriter, Int) -> Void) {
        for index in list {
            if index > list.lowerBound { write(",") }
            element(&self, index)
        }
    }

    private mutating func write(quoted text: [UInt8]) {
        json.append(UInt8(ascii: "\""))
        for byte in text {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): json += [UInt8(ascii: "\\"), byte]
            case 0..<0x20: write("\\u00" + (byte < 16 ? "0" : "") + String(byte, radix: 16))
            default: json.append(byte)
            }
        }
        json.append(UInt8(ascii: "\""))
    }
}
