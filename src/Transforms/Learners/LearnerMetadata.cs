using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using MLNetMeta.Transforms.Columns;
using MLNetMeta.Transforms.Errors;
using MLNetMeta.Transforms.Onnx;

namespace MLNetMeta.Transforms.Learners;

/// <summary>The metadata properties of a learner file, read and checked; <c>docs/learner-file.md</c> defines them.</summary>
internal sealed record LearnerMetadata
{
    /// <summary>The version of the learner file format that this library reads and writes.</summary>
    public const int CurrentVersion = 2;

    public const string StandardizationKey = "mlnetmeta.standardization";

    private const string CoverageKey = "mlnetmeta.interval_coverage";

    /// <summary>Where <see cref="Improvement"/> stands.</summary>
    public const string ImprovementKey = "mlnetmeta.improvement";

    /// <summary>Every member is required, and there are no others.</summary>
    private static readonly JsonSerializerOptions _strict = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        RespectRequiredConstructorParameters = true,
        RespectNullableAnnotations = true,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    };

    /// <summary>The version of the file.</summary>
    public int Version { get; init; } = CurrentVersion;

    public required string Kind { get; init; }

    public required MetaTask Task { get; init; }

    public required LabelSemantics Labels { get; init; }

    /// <summary>Names of the classes in the order of their indices; empty unless <see cref="Labels"/> is Shared, or Binary: False,
    /// True.</summary>
    public IReadOnlyList<string> Classes { get; init; } = [];

    public required int FeatureCount { get; init; }

    /// <summary>Regression: number of outputs. Shared labels: number of classes. Episodes: null.</summary>
    public int? OutputCount { get; init; }

    /// <summary>Regression: NaN in a support label is a target that was not observed.</summary>
    public bool MissingTargets { get; init; }

    /// <summary>Whether the support rows have weights.</summary>
    public bool ExampleWeights { get; init; }

    public required int Steps { get; init; }

    public required string InnerOptimizer { get; init; }

    public required string Network { get; init; }

    /// <summary>How query features are standardised, so that a reader may do it outside of the graph; null where the graph does not
    /// say.</summary>
    public QueryStandardization? Standardization { get; init; }

    /// <summary>Whether a prediction depends on the other queries: such a learner serves comparisons only.</summary>
    public bool IsTransductive { get; init; }

    /// <summary>Regression: the share of targets that the prediction intervals were fitted to hold, in (0, 1); null where there are
    /// none.</summary>
    public double? IntervalCoverage { get; init; }

    /// <summary>How the learner can be improved; null where it cannot.</summary>
    public Improvement? Improvement { get; init; }

    /// <summary>The properties to write into a learner file, in the order of the documentation.</summary>
    public IEnumerable<KeyValuePair<string, string>> ToProperties()
    {
        yield return new("mlnetmeta.version", Text(Version));
        yield return new("mlnetmeta.learner", Kind);
        yield return new("mlnetmeta.task", Task.ToString());
        if (Task == MetaTask.Classification)
        {
            yield return new("mlnetmeta.labels", Labels.ToString());
        }

        if (Labels is LabelSemantics.Shared or LabelSemantics.Binary)
        {
            yield return new("mlnetmeta.classes", JsonSerializer.Serialize(Classes));
        }

        yield return new("mlnetmeta.features", Text(FeatureCount));
        if (OutputCount is { } outputs)
        {
            yield return new("mlnetmeta.outputs", Text(outputs));
        }

        if (MissingTargets)
        {
            yield return new("mlnetmeta.missing_targets", "true");
        }

        if (ExampleWeights)
        {
            yield return new("mlnetmeta.example_weights", "true");
        }

        yield return new("mlnetmeta.steps", Text(Steps));
        yield return new("mlnetmeta.inner_optimizer", InnerOptimizer);
        yield return new("mlnetmeta.network", Network);
        if (Standardization is not null)
        {
            yield return new(StandardizationKey, JsonSerializer.Serialize(Standardization, _strict));
        }

        if (IntervalCoverage is { } coverage)
        {
            yield return new(CoverageKey, coverage.ToString("R", CultureInfo.InvariantCulture));
        }

        if (IsTransductive)
        {
            yield return new("mlnetmeta.transductive", "true");
        }

        if (Improvement is not null)
        {
            yield return new(ImprovementKey, Write(Improvement));
        }
    }

    /// <summary>What can be improved, as the text of its property.</summary>
    public static string Write(Improvement improvement) => JsonSerializer.Serialize(improvement, _strict);

    /// <exception cref="FormatException">A property is missing or out of its range: not a learner file, or a damaged one.</exception>
    /// <exception cref="NotSupportedException">The file was written by a newer version of this library.</exception>
    public static LearnerMetadata Read(ModelProto model)
    {
        var properties = OnnxModels.Metadata(model);
        if (!properties.ContainsKey("mlnetmeta.version"))
        {
            throw Throw.NotALearner();
        }

        var version = Count("mlnetmeta.version", minimum: 1);
        if (version > CurrentVersion)
        {
            throw Throw.NewerLearner(version, CurrentVersion);
        }

        var task = Choice<MetaTask>("mlnetmeta.task");
        var labels = task == MetaTask.Regression ? LabelSemantics.Targets : Choice<LabelSemantics>("mlnetmeta.labels");
        if (task == MetaTask.Classification && labels == LabelSemantics.Targets)
        {
            throw Throw.DamagedLearner("'mlnetmeta.labels' is 'Targets' for a classification learner, expected Episodes, Shared or Binary");
        }

        var classes = labels is LabelSemantics.Shared or LabelSemantics.Binary ? ClassNames() : [];
        if (labels == LabelSemantics.Binary && !classes.SequenceEqual(BooleanNames.Texts))
        {
            throw Throw.DamagedLearner("'mlnetmeta.classes' of a binary learner are not False and True");
        }

        var outputs = labels == LabelSemantics.Episodes ? (int?)null : Count("mlnetmeta.outputs", 1, MostNumbers);
        if (classes.Length > 0 && outputs != classes.Length)
        {
            throw Throw.DamagedLearner($"'mlnetmeta.outputs' is {outputs} but 'mlnetmeta.classes' names {classes.Length} classes");
        }

        return new LearnerMetadata
        {
            Version = version,
            Kind = Required("mlnetmeta.learner"),
            Task = task,
            Labels = labels,
            Classes = classes,
            FeatureCount = Count("mlnetmeta.features", 1, MostNumbers),
            OutputCount = outputs,
            MissingTargets = Flag("mlnetmeta.missing_targets"),
            ExampleWeights = Flag("mlnetmeta.example_weights"),
            Steps = Count("mlnetmeta.steps", minimum: 0),
            InnerOptimizer = Description("mlnetmeta.inner_optimizer"),
            Network = Description("mlnetmeta.network"),
            Standardization = Standardized(),
            IsTransductive = Flag("mlnetmeta.transductive"),
            IntervalCoverage = Coverage(),
            Improvement = Improvable(),
        };

        Improvement? Improvable()
        {
            if (!properties.TryGetValue(ImprovementKey, out var text))
            {
                return null;
            }

            try
            {
                if (JsonSerializer.Deserialize<Improvement>(text, _strict) is { } read && read.IsConsistent())
                {
                    return read;
                }
            }
            catch (JsonException)
            {
                // Reported below together with the other ways to be wrong.
            }

            throw Throw.DamagedLearner($"property '{ImprovementKey}' is not as described in docs/learner-file.md");
        }

        double? Coverage()
        {
            if (!properties.TryGetValue(CoverageKey, out var text))
            {
                return null;
            }

            return task == MetaTask.Regression
                && double.TryParse(text, NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent, CultureInfo.InvariantCulture,
                    out var share)
                && share is > 0 and < 1
                    ? share
                    : throw Throw.DamagedLearner(
                        $"property '{CoverageKey}' is '{text}', expected a number between 0 and 1, of a regression");
        }

        bool Flag(string key) => properties.GetValueOrDefault(key, "false") switch
        {
            "true" => true,
            "false" => false,
            var other => throw Throw.DamagedLearner($"property '{key}' is '{other}', expected true or false"),
        };

        string Required(string key) =>
            properties.TryGetValue(key, out var value) ? value : throw Throw.DamagedLearner($"property '{key}' is missing");

        int Count(string key, int minimum, int maximum = int.MaxValue) =>
            int.TryParse(Required(key), NumberStyles.None, CultureInfo.InvariantCulture, out var value)
            && value >= minimum && value <= maximum
                ? value
                : throw Throw.DamagedLearner($"property '{key}' is '{Required(key)}', expected an integer from {minimum} to {maximum}");

        string Description(string key)
        {
            try
            {
                using var json = JsonDocument.Parse(Required(key));
                if (json.RootElement.ValueKind == JsonValueKind.Object)
                {
                    return Required(key);
                }
            }
            catch (JsonException)
            {
                // Reported below together with the other ways to be wrong.
            }

            throw Throw.DamagedLearner($"property '{key}' is not a JSON object");
        }

        T Choice<T>(string key) where T : struct, Enum =>
            Enum.GetNames<T>().Contains(Required(key))
                ? Enum.Parse<T>(Required(key))
                : throw Throw.DamagedLearner(
                    $"property '{key}' is '{Required(key)}', expected one of {string.Join(", ", Enum.GetNames<T>())}");

        QueryStandardization? Standardized()
        {
            if (!properties.TryGetValue(StandardizationKey, out var text))
            {
                return null;
            }

            try
            {
                if (JsonSerializer.Deserialize<QueryStandardization>(text, _strict) is { } read)
                {
                    return read;
                }
            }
            catch (JsonException)
            {
                // Reported below together with the other way to be wrong.
            }

            throw Throw.DamagedLearner($"property '{StandardizationKey}' is not a JSON object with the names mean, scale and result");
        }

        string[] ClassNames()
        {
            try
            {
                var names = JsonSerializer.Deserialize<string[]>(Required("mlnetmeta.classes"));
                if (names is { Length: > 1 } && names.All(name => name is not null) && names.Distinct().Count() == names.Length)
                {
                    return names;
                }
            }
            catch (JsonException)
            {
                // Reported below together with the other ways to be wrong.
            }

            throw Throw.DamagedLearner("property 'mlnetmeta.classes' is not a JSON array of at least two different class names");
        }
    }

    // So many numbers of a row, times the rows of a batch, can be counted by an int.
    private const int MostNumbers = 10_000_000;

    private static string Text(int value) => value.ToString(CultureInfo.InvariantCulture);
}
