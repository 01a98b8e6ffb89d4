using System.Text.Json;
using System.Text.Json.Serialization;
using Google.Protobuf;
using MLNetMeta.Transforms.Columns;
using MLNetMeta.Transforms.Errors;
using MLNetMeta.Transforms.Learners;
using MLNetMeta.Transforms.Onnx;
using MLNetMeta.Transforms.Scoring;

namespace MLNetMeta.Transforms.Saving;

/// <summary>
/// The data that a saved adapted model contains in addition to its stock transformers, so that <c>LoadModel</c> can restore the transformer
/// that was saved: the learner file, the adapted parameters, and how they were used. It is an ONNX model of constants, without nodes.
/// </summary>
/// <param name="Learner">The learner file.</param>
/// <param name="Adapted">The adapted parameters.</param>
/// <param name="Use">How they were used.</param>
/// <param name="Support">The support rows, where the model has kept them: features, and classes or targets; else empty.</param>
internal sealed record SavedModel(
    byte[] Learner, IReadOnlyList<TensorProto> Adapted, SavedModel.Usage Use, IReadOnlyList<TensorProto> Support)
{
    private const string SupportFeatures = "support.features";
    private const string SupportClasses = "support.classes";
    private const string SupportTargets = "support.targets";
    private const string SupportWeights = "support.weights";

    private const string UsageKey = "mlnetmeta.usage";
    private const string LearnerName = "learner";
    private const int CurrentVersion = 1;

    /// <summary>Every member is required, and there are no others.</summary>
    private static readonly JsonSerializerOptions _strict = new()
    {
        RespectRequiredConstructorParameters = true,
        RespectNullableAnnotations = true,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    };

    /// <summary>The small things, written as JSON.</summary>
    /// <param name="Version">Version of this format.</param>
    /// <param name="FeatureColumn">Name of the feature column.</param>
    /// <param name="LabelColumn">Name of the label column of the support rows.</param>
    /// <param name="FeatureIsScalar">A single number instead of a vector.</param>
    /// <param name="SlotOfClass">Classification: slot of each class; their names are the key values of PredictedLabel. Else null.</param>
    /// <param name="BatchSize">As in the options of the trainer.</param>
    /// <param name="Threads">As in the options of the learner.</param>
    /// <param name="ScoresOn">The execution provider asked for, as text.</param>
    /// <param name="AdaptsOn">The execution provider asked for, as text.</param>
    internal sealed record Usage(
        int Version, string FeatureColumn, string LabelColumn, bool FeatureIsScalar, int[]? SlotOfClass, int? BatchSize, int Threads,
        string ScoresOn, string AdaptsOn)
    {
        /// <summary>The options of the learner. Where there are fewer processors than where the model was saved, there are fewer
        /// threads.</summary>
        public Learner.Options Options => new()
        {
            NumberOfThreads = Math.Min(Threads, Environment.ProcessorCount),
            ExecutionProvider = ExecutionProvider.Parse(ScoresOn),
            AdaptationProvider = ExecutionProvider.Parse(AdaptsOn),
        };

        /// <exception cref="FormatException">A member is out of its range.</exception>
        public void Check()
        {
            Require(Version >= 1, nameof(Version), Version);
            Require(FeatureColumn.Length > 0, nameof(FeatureColumn), FeatureColumn);
            Require(LabelColumn.Length > 0, nameof(LabelColumn), LabelColumn);
            Require(BatchSize is null or >= 1, nameof(BatchSize), BatchSize);
            Require(Threads is >= 1 and <= Transforms.Learner.Options.MostThreads, nameof(Threads), Threads);
            Require(
                SlotOfClass is null
                    || SlotOfClass.Length > 1 && SlotOfClass.All(slot => slot >= 0) && SlotOfClass.Distinct().Count() == SlotOfClass.Length,
                nameof(SlotOfClass), string.Join(", ", SlotOfClass ?? []));

            static void Require(bool isRight, string name, object? value)
            {
                if (!isRight)
                {
                    throw Throw.DamagedModel($"its '{name}' is '{value}'");
                }
            }
        }
    }

    public static SavedModel Create(
        Learner learner, AdaptedParameters adapted, ScoreLayout layout, LabelledColumns columns, bool featureIsScalar,
        int? batchSize, SupportSet? support) => new(
        learner.File.ToArray(), adapted.ToTensors(), new Usage(
            CurrentVersion, columns.Features, columns.Label, featureIsScalar, layout.Classes?.SlotOfClass, batchSize,
            learner.RunOptions.NumberOfThreads, learner.RunOptions.ExecutionProvider.ToString(),
            learner.RunOptions.AdaptationProvider.ToString()),
        support is null ? [] : Tensors(support, learner));

    /// <summary>The support rows as this learner takes them; null where they were not kept.</summary>
    /// <exception cref="FormatException">They are not rows of the learner.</exception>
    public SupportSet? SupportFor(Learner learner, ScoreLayout layout)
    {
        if (Support.Count == 0)
        {
            return null;
        }

        var byName = Support.ToDictionary(tensor => tensor.Name);
        var labels = byName.GetValueOrDefault(learner.Task == MetaTask.Classification ? SupportClasses : SupportTargets);
        var weights = byName.GetValueOrDefault(SupportWeights);
        if (Support.Count != (weights is null ? 2 : 3) || labels is null || !byName.TryGetValue(SupportFeatures, out var features)
            || features.Dims is not [var rows, var width] || width != learner.FeatureCount || rows < 1
            || features.DataType != (int)TensorProto.Types.DataType.Float)
        {
            throw Throw.DamagedModel("its support rows do not fit its learner");
        }

        var numbers = OnnxTensors.ToFloats(features);
        var (classes, targets) = ((long[]?)null, (float[]?)null);
        if (learner.Task == MetaTask.Classification && labels.DataType == (int)TensorProto.Types.DataType.Int64)
        {
            classes = OnnxTensors.ToIntegers(labels);
        }
        else if (learner.Task == MetaTask.Regression && labels.DataType == (int)TensorProto.Types.DataType.Float)
        {
            targets = OnnxTensors.ToFloats(labels);
        }

        var fits = classes is not null
            ? classes.Length == rows && Array.TrueForAll(classes, c => c >= 0 && c < layout.RawWidth)
            : targets is not null && targets.Length == rows * learner.OutputCount
                && Array.TrueForAll(targets, target => float.IsFinite(target) || learner.MissingTargets && float.IsNaN(target));
        var weightOf = weights is null ? null : OnnxTensors.ToFloats(weights);
        fits &= weightOf is null || weights!.DataType == (int)TensorProto.Types.DataType.Float && weightOf.Length == rows
            && Array.TrueForAll(weightOf, weight => weight > 0 && float.IsFinite(weight));
        return fits && Array.TrueForAll(numbers, float.IsFinite)
            ? new SupportSet((int)rows, numbers, classes, targets, weightOf)
            : throw Throw.DamagedModel("its support rows do not fit its learner");
    }

    // A support set of no rows has one in its arrays, of which nothing was learned.
    private static TensorProto[] Tensors(SupportSet support, Learner learner) => support.Rows == 0 ? [] :
    [
        OnnxTensors.Float(SupportFeatures, [support.Rows, learner.FeatureCount], support.Features),
        support.Classes is { } classes
            ? OnnxTensors.Int64(SupportClasses, [support.Rows], classes)
            : OnnxTensors.Float(SupportTargets, [support.Rows, learner.OutputCount!.Value], support.Targets),
        .. support.Weights is { } weights ? [OnnxTensors.Float(SupportWeights, [support.Rows], weights)] : Array.Empty<TensorProto>(),
    ];

    public byte[] ToBytes()
    {
        var graph = new GraphProto { Name = "adapted" };
        graph.Initializer.Add(OnnxTensors.Bytes(LearnerName, Learner));
        graph.Initializer.AddRange(Adapted);
        graph.Initializer.AddRange(Support);
        return OnnxModels.Create(graph, [new(UsageKey, JsonSerializer.Serialize(Use, _strict))]).ToByteArray();
    }

    /// <exception cref="FormatException">Damaged.</exception>
    /// <exception cref="NotSupportedException">Written by a newer version of this library.</exception>
    public static SavedModel Read(byte[] bytes)
    {
        try
        {
            var model = ModelProto.Parser.WithDiscardUnknownFields(true).ParseFrom(bytes);
            var use = JsonSerializer.Deserialize<Usage>(OnnxModels.Metadata(model)[UsageKey], _strict)!;
            if (use.Version > CurrentVersion)
            {
                throw Throw.NewerModel(use.Version, CurrentVersion);
            }

            use.Check();
            foreach (var tensor in model.Graph.Initializer)
            {
                OnnxTensors.CheckContent(tensor);
            }

            var learner = model.Graph.Initializer.Single(tensor => tensor.Name == LearnerName).RawData.ToByteArray();
            var others = model.Graph.Initializer.Where(tensor => tensor.Name != LearnerName).ToLookup(
                tensor => tensor.Name is SupportFeatures or SupportClasses or SupportTargets or SupportWeights);
            return new SavedModel(learner, [.. others[false]], use, [.. others[true]]);
        }
        catch (Exception exception) when (exception is InvalidProtocolBufferException or JsonException or KeyNotFoundException
            or NullReferenceException or InvalidOperationException)
        {
            throw Throw.DamagedModel(exception.Message, exception);
        }
    }
}
