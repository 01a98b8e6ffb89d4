using System.Globalization;
using Microsoft.ML;

namespace MLNetMeta.Transforms;

/// <summary>Every error of this library: what is wrong, the value, what is allowed, what to do.</summary>
internal static class Throw
{
#pragma warning disable CA2208 // The parameter belongs to the public method that calls, not to the method here.
    public static ArgumentOutOfRangeException MissingColumn(string role, string name, string expected) => new(
        "inputSchema", $"Could not find {role} column '{name}': expected {expected}.");

    public static ArgumentOutOfRangeException SchemaMismatch(
        string role, string name, string expected, string got, string advice = "") => new(
        "inputSchema", $"Schema mismatch for {role} column '{name}': expected {expected}, got {got}{advice}");
#pragma warning restore CA2208

    public static FormatException NotALearner() => new(
        "The file is an ONNX model but not a learner: it has no metadata property 'mlnetmeta.version'. "
        + "Expected a file written by Learner.Save after meta-training; "
        + "a model adapted by FewShot and exported by SaveAsOnnx cannot learn any more.");

    public static FormatException DamagedLearner(string reason, Exception? inner = null) => new(
        $"The learner file is damaged, or is no learner file: {reason}. Copy it again, or write it anew with Learner.Save.", inner);

    public static NotSupportedException NewerLearner(int version, int supported) => new(
        $"The learner file has format version {version}; this version of MLNetMeta.Transforms reads versions up to {supported}. "
        + "Update the package MLNetMeta.Transforms.");

    public static FormatException DamagedModel(string reason, Exception? inner = null) => new(
        $"The file is damaged, or is no model that ml.Model.Save wrote: {reason}. Copy it again, or write it anew with ml.Model.Save.", inner);

    public static NotSupportedException NewerModel(int version, int supported) => new(
        $"The saved model has format version {version}; this version of MLNetMeta.Transforms reads versions up to {supported}. "
        + "Update the package MLNetMeta.Transforms.");

    public static ArgumentOutOfRangeException OptionTooSmall(string name, int value, int minimum) => new(
        name, value, $"{name} must be at least {minimum}.");

    public static FormatException UnknownProvider(string text, IEnumerable<string> known) => new(
        $"'{text}' is no execution provider: expected one of {string.Join(", ", known)}, for an accelerator optionally with a device and a "
        + "fallback, for example 'Cuda:0' or 'Cuda:1 or Cpu'.");

    public static NotSupportedException MissingProvider(
        ExecutionProvider provider, string reason, string package, Exception? inner = null) => new(
        $"The execution provider {provider} is not available: {reason}. Reference the package {package} and install what it needs, "
        + "or allow the processor instead (fallbackToCpu: true).", inner);

    public static ArgumentException EmptyOption(string name) => new($"{name} must be the name of a column, got an empty string.", name);

    public static ArgumentException WrongTask(string catalog, Learner learner) => new(
        $"The learner predicts {learner.Task}, and {catalog} needs a learner for the other kind of task.", nameof(learner));

    public static InvalidOperationException EmptySupport() => new(
        "The support set has no rows: adapting needs at least one labelled row of the new task.");

    public static InvalidOperationException OneClass(string label) => new(
        $"All rows of the support set have the label {label}: adapting to new classes needs rows of at least two classes.");

    public static InvalidOperationException MissingLabel(long row, string column, bool hasNames) => new(
        $"Row {row} of the support set has a missing label (key 0) in column '{column}'. Remove the row, or label it"
        + (hasNames ? "; a MapValueToKey fitted on other data maps values that it did not see to missing." : "."));

    public static InvalidOperationException NotFinite(string role, string column, long row, int slot, float value) => new(
        $"Row {row} of the support set has {value.ToString(CultureInfo.InvariantCulture)} in {role} column '{column}', element {slot}: "
        + "expected finite numbers. Remove the row, or replace missing values first (ReplaceMissingValues).");

    public static InvalidOperationException NothingObserved(string column, long row) => new(
        $"Row {row} of the support set has no observed target: all elements of label column '{column}' are NaN. Remove the row: it teaches "
        + "nothing.");

    public static InvalidOperationException UnknownLabel(string label, string column, IEnumerable<string> known) => new(
        $"The label '{label}' in column '{column}' is unknown to the learner, whose tasks share the classes "
        + $"{string.Join(", ", known.Select(name => $"'{name}'"))}. "
        + "Correct the label, or meta-train with episodes for classes that are new in every task.");

    public static InvalidOperationException NamelessLabels(string column) => new(
        $"Label column '{column}' has no KeyValues annotation, and the learner knows its classes by name. "
        + "Make the key with MapValueToKey.");

    public static InvalidOperationException InconvertibleName(string name, Type type) => new(
        $"The learner's class '{name}' cannot be written as {type.Name}, the type of the label's key values. "
        + "Label the support rows with the same type as in meta-training.");

    public static InvalidOperationException KeyCountTooLarge(string column, ulong count) => new(
        $"Label column '{column}' has {count} possible keys, too many for a Score vector. "
        + "Make the key with MapValueToKey over the labels that occur.");

    public static InvalidOperationException InactiveColumn(string name) => new(
        $"Column '{name}' was not requested when the cursor was created: name it among the needed columns.");

    public static NotSupportedException TransductiveLearner(string what) => new(
        $"A transductive learner cannot be {what}: its predictions depend on the other queries of their batch. It serves comparisons with published figures "
        + "(Evaluate). Meta-train with another ImageNormalization, such as Layer.");

    public static ObjectDisposedException DisposedLearner() => new(
        nameof(Learner), "The learner has been disposed. Its models run in its sessions: dispose it after them.");

    public static ObjectDisposedException DisposedModel() => new(
        nameof(FewShotPredictionTransformer),
        "The adapted model has been disposed. Note that a PredictionEngine disposes its model, "
        + "unless created with PredictionEngineOptions { OwnsTransformer = false }.");

    public static InvalidOperationException Diverged(string parameter, int steps) => new(
        $"The adaptation diverged: after {steps} inner steps '{parameter[LearnerGraph.AdaptedPrefix.Length..]}' is not finite. "
        + "Give features (and targets) in the units of the meta-training data, or take fewer steps.");

    public static InvalidOperationException FailedRun(Exception inner) => new(
        "ONNX Runtime failed to run the learner's graph: " + inner.Message, inner);

    public static InvalidOperationException NotOnRow() => new(
        "The cursor is on no row: call MoveNext first, and read only while it returns true.");

    public static InvalidOperationException GetterType(string column, Type expected, Type got) => new(
        $"Column '{column}' has values of type {expected.Name}, but a getter of {got.Name} was requested.");

    public static ArgumentException NotMetaTrained() => new(
        "The model holds no learner: expected the model that a meta-training estimator returned, "
        + "or that model saved by ml.Model.Save and loaded again.", "metaModel");

    public static InvalidOperationException OnnxNameClash(string column) => new(
        $"The feature column '{column}' has the name of an output of the exported model. "
        + $"Copy it to another name before training: ml.Transforms.CopyColumns(\"Features\", \"{column}\").");

    public static ArgumentException NotAdapted() => new(
        "The pipeline holds no adapted model: expected what ml.MetaLearning().FewShot(...).Fit returned, or a chain with it.", "model");

    public static NotSupportedException StageAfterModel(string stage) => new(
        $"The pipeline goes on after the adapted model with {stage}, which cannot be exported. The exported model predicts labels by name "
        + "already: export the chain without that stage.");

    public static NotSupportedException InexpressibleStage(string stage, string column, IEnumerable<string> known) => new(
        $"{stage}, which makes the column '{column}', cannot be expressed in ONNX here: known are {string.Join(", ", known)}, on columns of "
        + "Single. Apply that stage before the exported model (SaveAsOnnx of the adapted model alone takes its output).");

    public static NotSupportedException InexpressibleColumn(DataViewSchema.Column column) => new(
        $"The column '{column.Name}' of type {column.Type} cannot be an input of an ONNX model: expected numbers, booleans or text, or "
        + "vectors of known length.");
}
