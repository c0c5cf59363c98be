/// The tables of the planted language. Growing the language means adding lines to them.
enum PlantedTables {
    static let lexicon = [topicWords, moreTopicWords, commonWords, moreCommonWords, verbWords].map(squeezed)
    static let frames = [
        storyFrames, reviewFrames, letterFrames, reportFrames, talkFrames, topicFrames, moreFrames,
    ].map(squeezed)

    /// The table without its blank lines.
    private static func squeezed(_ table: String) -> String {
        table.split(separator: "\n").joined(separator: "\n")
    }
}
