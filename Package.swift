// swift-tools-version: 6.2
import PackageDescription

/// Settings of every Swift target: Swift 6 mode, explicit `any`, imports that stay private, warnings as
/// errors.
let common: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .treatAllWarnings(as: .error),
]

/// Targets that carry inner loops are optimised in debug builds too; otherwise tests would take minutes.
let optimised: [SwiftSetting] = common + [.unsafeFlags(["-O"], .when(configuration: .debug))]

/// The libraries that `Vane` hands on. The programs name them too: code of one module is inlined into another in
/// optimised builds, and a target is built again only when a module that it names has changed.
let libraries: [Target.Dependency] = [
    "VaneTensors", "VaneSites", "VaneWeights", "VaneTokenizers", "VaneModels", "VaneTraining",
    "VaneGeneration", "VaneConcepts", "VaneSteering", "VaneEvidence", "VaneEvaluation", "VanePlanted",
    "VaneDefaultModel",
]

/// The documentation plug-in is fetched only when documentation is built.
let documentation: [Package.Dependency] =
    Context.environment["VANE_DOCS"] == nil
    ? [] : [.package(url: "https://github.com/swiftlang/swift-docc-plugin", from: "1.4.0")]

let package = Package(
    name: "vane",
    platforms: [.macOS(.v15)],
    products: [
        .library(name: "Vane", targets: ["Vane"]),
        .executable(name: "vane", targets: ["VaneCLI"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-crypto", "3.12.3"..<"5.0.0"),
    ] + documentation,
    targets: [
        .target(
            name: "CVaneKernels",
            cSettings: [
                .unsafeFlags(["-O3", "-ffp-contract=off"]),
                .enableWarning("all"), .enableWarning("extra"), .treatAllWarnings(as: .error),
            ]),
        .target(
            name: "CVaneLAPACK",
            linkerSettings: [
                .linkedLibrary("lapack", .when(platforms: [.linux])),
                .linkedFramework("Accelerate", .when(platforms: [.macOS])),
            ]),
        .target(
            name: "VaneTensors", dependencies: ["CVaneKernels", "CVaneLAPACK"], swiftSettings: optimised,
            linkerSettings: [.linkedLibrary("m", .when(platforms: [.linux]))]),
        .target(name: "VaneSites", dependencies: ["VaneTensors"], swiftSettings: common),
        .target(name: "VaneWeights", dependencies: ["VaneTensors"], swiftSettings: common),
        .target(name: "VaneTokenizers", swiftSettings: optimised),
        .target(
            name: "VaneModels", dependencies: ["VaneTensors", "VaneSites", "VaneWeights"],
            swiftSettings: common),
        .target(
            name: "VaneTraining", dependencies: ["VaneTensors", "VaneSites", "VaneWeights", "VaneModels"],
            swiftSettings: common),
        .target(
            name: "VaneGeneration",
            dependencies: [
                "VaneTensors", "VaneSites", "VaneModels", "VaneWeights", "VaneTokenizers",
                .product(name: "Crypto", package: "swift-crypto"),
            ],
            swiftSettings: optimised),
        .target(
            name: "VaneConcepts",
            dependencies: [
                "VaneTensors", "VaneSites", "VaneWeights", .product(name: "Crypto", package: "swift-crypto"),
            ],
            swiftSettings: optimised),
        .target(
            name: "VaneSteering", dependencies: ["VaneTensors", "VaneSites", "VaneWeights", "VaneConcepts"],
            swiftSettings: optimised),
        .target(
            name: "VaneEvidence", dependencies: ["VaneTensors", "VaneSites", "VaneWeights", "VaneConcepts"],
            swiftSettings: optimised),
        .target(
            name: "VaneEvaluation",
            dependencies: [
                "VaneTensors", "VaneSites", "VaneConcepts", "VaneSteering", "VaneEvidence", "VaneGeneration",
                "VaneTokenizers",
            ],
            swiftSettings: optimised),
        .target(name: "VanePlanted", dependencies: ["VaneTensors"], swiftSettings: optimised),
        .target(
            name: "CVaneDefaultModel", exclude: ["model"],
            cSettings: [.unsafeFlags(["-std=c2x"]), .enableWarning("all"), .treatAllWarnings(as: .error)]),
        .target(
            name: "VaneDefaultModel",
            dependencies: [
                "CVaneDefaultModel", "VaneTensors", "VaneSites", "VaneWeights", "VaneTokenizers",
                "VaneModels", "VaneTraining", "VaneGeneration", "VaneConcepts", "VaneSteering",
                "VaneEvaluation", "VanePlanted",
            ],
            swiftSettings: common),
        .target(name: "Vane", dependencies: libraries, swiftSettings: common),
        .executableTarget(
            name: "VaneCLI",
            dependencies: libraries + [
                "Vane", .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: common),

        .target(
            name: "VaneTestSupport", dependencies: ["VaneTensors", "VaneSites", "VaneWeights", "VaneModels"],
            path: "Tests/VaneTestSupport", swiftSettings: common),
        .executableTarget(
            name: "VaneTrainingProbe", dependencies: ["VaneTraining", "VaneTensors"],
            path: "Tests/VaneTrainingProbe", swiftSettings: common),
        .testTarget(name: "CVaneKernelsTests", dependencies: ["CVaneKernels"], swiftSettings: optimised),
        .testTarget(
            name: "VaneTensorsTests", dependencies: ["VaneTensors", "VaneTestSupport"], swiftSettings: common),
        .testTarget(
            name: "VaneSitesTests", dependencies: ["VaneSites", "VaneTestSupport"], swiftSettings: common),
        .testTarget(
            name: "VaneWeightsTests", dependencies: ["VaneWeights", "VaneTensors", "VaneTestSupport"],
            swiftSettings: common),
        .testTarget(
            name: "VaneTokenizersTests", dependencies: ["VaneTokenizers", "VaneTestSupport"],
            swiftSettings: common),
        .testTarget(
            name: "VaneModelsTests",
            dependencies: ["VaneModels", "VaneSites", "VaneTensors", "VaneTestSupport", "VaneWeights"],
            swiftSettings: common),
        .testTarget(
            name: "VaneTrainingTests",
            dependencies: [
                "VaneTraining", "VaneModels", "VaneSites", "VaneTensors", "VaneWeights", "VaneTestSupport",
                "VaneTrainingProbe",
            ],
            swiftSettings: common),
        .testTarget(
            name: "VaneGenerationTests",
            dependencies: [
                "VaneGeneration", "VaneModels", "VaneSites", "VaneTensors", "VaneTokenizers",
                "VaneTestSupport",
            ],
            swiftSettings: common),
        .testTarget(
            name: "VaneConceptsTests",
            dependencies: ["VaneConcepts", "VaneSites", "VaneTensors", "VaneTestSupport", "VaneWeights"],
            swiftSettings: common),
        .testTarget(
            name: "VaneSteeringTests",
            dependencies: [
                "VaneSteering", "VaneConcepts", "VaneSites", "VaneTensors", "VaneModels", "VaneTestSupport",
            ],
            swiftSettings: common),
        .testTarget(
            name: "VaneEvidenceTests",
            dependencies: [
                "VaneEvidence", "VaneConcepts", "VaneModels", "VanePlanted", "VaneSites", "VaneTensors",
                "VaneTraining", "VaneWeights", "VaneTestSupport",
            ],
            swiftSettings: common),
        .testTarget(
            name: "VaneEvaluationTests",
            dependencies: [
                "VaneEvaluation", "VaneConcepts", "VaneGeneration", "VaneSites", "VaneSteering",
                "VaneTensors",
                "VaneTokenizers", "VaneTestSupport",
            ],
            swiftSettings: common),
        .testTarget(
            name: "VanePlantedTests",
            dependencies: ["VanePlanted", "VaneConcepts", "VaneSites", "VaneTensors", "VaneTestSupport"],
            swiftSettings: common),
        .testTarget(
            name: "VaneDefaultModelTests",
            dependencies: [
                "Vane", "VaneDefaultModel", "VaneConcepts", "VaneEvaluation", "VaneEvidence",
                "VaneGeneration", "VaneModels", "VanePlanted", "VaneSites", "VaneSteering", "VaneTensors",
                "VaneTokenizers", "VaneTraining", "VaneWeights",
                "VaneTestSupport",
            ],
            swiftSettings: common),
        .testTarget(
            name: "VaneTests", dependencies: libraries + ["Vane", "VaneTestSupport"], swiftSettings: common),
        .testTarget(
            name: "EndToEndTests", dependencies: ["VaneCLI", "Vane", "VaneTestSupport"], swiftSettings: common
        ),
    ],
    swiftLanguageModes: [.v6]
)
