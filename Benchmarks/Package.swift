// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "vane-benchmarks",
    platforms: [.macOS(.v15)],
    dependencies: [
        .package(name: "vane", path: ".."),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.6.0"),
    ],
    targets: [
        .executableTarget(
            name: "vane-bench",
            dependencies: [
                .product(name: "Vane", package: "vane"),
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            path: "Sources/VaneBench",
            swiftSettings: [
                .enableUpcomingFeature("ExistentialAny"), .enableUpcomingFeature("MemberImportVisibility"),
                .treatAllWarnings(as: .error),
            ])
    ],
    swiftLanguageModes: [.v6]
)
