using System.Globalization;
using Microsoft.ML;

namespace MLNetMeta.Transforms.Errors;

/// <summary>Every error of this library: what is wrong, the value, what is allowed, what to do.</summary>
internal static class Throw
{
#pragma warning disable CA2208 // The parameter belongs to the public method that calls, not to the method here.
    public static ArgumentOutOfRangeException MissingColumn(string role, string name, string expected) => new(
        "inputSchema", $"Could not find {role} column '{name}': expected {expected}.");

    public static ArgumentOutOfRangeException MissingFeatures(string name, string expected, int? count) => new(
        "inputSchema", $"Could not find feature column '{name}': expected {expected}. Put the "
        + $"{(count is { } known ? $"{known} " : "")}numbers of a row into one column, "
        + $"ml.Transforms.Concatenate(\"{name}\", …), or name another column."
        + (count is null ? "" : " For raw rows, use the meta-training pipeline: ml.MetaLearning().FewShot(metaModel)."));

    public static ArgumentOutOfRangeException SchemaMismatch(
        string role, string name, string expected, string got, string advice = "") => new(
        "inputSchema", $"Schema mismatch for {role} column '{name}': expected {expected}, got {got}.{advice}");
#pragma warning restore CA2208

    public static InvalidOperationException MissingTask(long row, string column) => new(
        $"Row {row} has no value in task column '{column}': every row must say which task it belongs to. Remove such rows.");

    public static FormatException NotALearner() => new(
        "The file is an ONNX model but not a learner: it has no metadata property 'mlnetmeta.version'. "
        + "Expected a file written by Learner.Save after meta-training; "
        + "a model adapted by FewShot and exported by SaveAsOnnx cannot learn any more.");

    public static FormatException DamagedLearner(string reason, Exception? inner = null) => new(
        $"The learner file is damaged, or is not a learner file: {reason}. Copy it again, or write it anew with Learner.Save.", inner);

    public static NotSupportedException NewerLearner(int version, int supported) => new(
        $"The learner file has format version {version}; this version of MLNetMeta.Transforms reads versions up to {supported}. "
        + "Update the package MLNetMeta.Transforms.");

    public static FormatException DamagedModel(string reason, Exception? inner = null) => new(
        $"The file is damaged, or was not written by ml.Model.Save: {reason}. Copy it again, or write it anew with ml.Model.Save.",
        inner);

    public static NotSupportedException NewerModel(int version, int supported) => new(
        $"The saved model has format version {version}; this version of MLNetMeta.Transforms reads versions up to {supported}. "
        + "Update the package MLNetMeta.Transforms.");

    public static ArgumentOutOfRangeException Option(string name, object value, string allowed) =>
        new(name, value, $"{name} must be {allowed}.");

    public static ArgumentNullException NoValue(string name) => new(name);

    public static ArgumentOutOfRangeException OptionTooSmall(string name, int value, int minimum) =>
        Option(name, value, $"at least {minimum}");

    public static ArgumentOutOfRangeException OptionOutOfRange<T>(string name, T value, T minimum, T maximum)
        where T : notnull => Option(name, value, string.Create(CultureInfo.InvariantCulture, $"from {minimum} to {maximum}"));

    public static NotSupportedException LearnerLimit<T>(string what, string limit, T value) => new(string.Create(
        CultureInfo.InvariantCulture,
        $"The learner file {what}, but the limit is {value}. If you trust the file, load it with a higher limit: new "
        + $"Learner.Options {{ Limits = new Learner.Limits {{ {limit} = … }} }}."));

    public static NotSupportedException UnsupportedLearner(string what) => new(
        $"The learner file uses something that this library does not run: {what}. See docs/learner-file.md for what it may contain.");

    public static DllNotFoundException MissingOnnxRuntime(Exception reason) => new(
        "The native library of ONNX Runtime, which runs learners, does not load. Add it to the program: dotnet add package "
        + $"Microsoft.ML.OnnxRuntime --version {typeof(Microsoft.ML.OnnxRuntime.OrtEnv).Assembly.GetName().Version?.ToString(3)} (or "
        + $"Microsoft.ML.OnnxRuntime.Gpu for an NVIDIA GPU). Loader error: {reason.Message}", reason);

    public static InvalidOperationException NotAdapted(string kind) => new(
        $"The model is a meta-trained {kind}, which cannot predict before it is adapted. Adapt it to a few labelled rows first: "
        + "ml.MetaLearning().FewShot(metaModel).Fit(support).");

    public static TimeoutException AdaptationTime(TimeSpan limit) => new(string.Create(
        CultureInfo.InvariantCulture,
        $"The adaptation took longer than {limit:c}. Use fewer steps or fewer support rows, or raise the limit: new Learner.Options "
        + $"{{ Limits = new Learner.Limits {{ AdaptationTime = … }} }}."));

    public static FormatException UnknownProvider(string text, IEnumerable<string> known) => new(
        $"'{text}' is not an execution provider: expected one of {string.Join(", ", known)}. An accelerator may have a device and a "
        + "fallback, for example 'Cuda:0' or 'Cuda:1 or Cpu'.");

    public static NotSupportedException MissingProvider(
        string provider, string reason, string package, Exception? inner = null) => new(
        $"The execution provider {provider} is not available: {reason}. Reference the package {package} and install what it needs, "
        + "or allow the CPU instead (fallbackToCpu: true).", inner);

    public static ArgumentException EmptyOption(string name) => new($"{name} must be the name of a column, got an empty string.", name);

    public static InvalidOperationException EmptySupport(bool mayBeAllowed) => new(
        "The support set has no rows: adapting needs at least one labelled row of the new task."
        + (mayBeAllowed
            ? " To predict without support rows, from what all tasks share, use new FewShotTrainer.Options "
            + "{ AllowEmptySupport = true }." : ""));

    public static InvalidOperationException NoColdStart(string kind, string labels, bool hasNewClasses) => new(
        $"The support set has no rows, and the learner ({kind}, {labels}) cannot predict without them: its "
        + (hasNewClasses ? "classes are those of the support rows." : "parameters start from the support rows.")
        + " Give at least one labelled row.");

    public static InvalidOperationException OneClass(string label) => new(
        $"All rows of the support set have the label {label}: adapting to new classes needs rows of at least two classes.");

    public static InvalidOperationException MissingLabel(string? set, long row, string column, bool hasNames) => new(
        $"{Row(row, set)} has a missing label (key 0) in column '{column}'. Remove the row, or label it"
        + (hasNames ? ". MapValueToKey maps values that were not in its training data to missing." : "."));

    public static InvalidOperationException NotFinite(string? set, string role, string column, long row, int slot, float value) => new(
        $"{Row(row, set)} has {value.ToString(CultureInfo.InvariantCulture)} in {role} column '{column}', element {slot}: "
        + "expected finite numbers. Remove the row, or replace missing values first (ReplaceMissingValues).");

    public static InvalidOperationException WrongExampleWeight(string? set, string column, long row, float weight) => new(
        $"{Row(row, set)} has the weight {weight.ToString(CultureInfo.InvariantCulture)} in column '{column}': expected a finite number "
        + "above 0. Remove rows that should not count.");

    public static ArgumentException NoExampleWeights(string kind) => new(
        $"The learner ({kind}) was meta-trained without example weights and takes none. Meta-train it with "
        + "ExampleWeightColumnName, or leave that option of the few-shot trainer unset.");

    public static InvalidOperationException NothingObserved(string? set, string column, long row) => new(
        $"{Row(row, set)} has no observed target: all elements of label column '{column}' are NaN. Remove the row.");

    public static InvalidOperationException UnknownLabel(string label, string column, IEnumerable<string> known) => new(
        $"The label '{label}' in column '{column}' is not a class of the learner. Its classes are {Quoted(known)}. "
        + "Correct the label, or meta-train with episodes for classes that are new in every task.");

    public static InvalidOperationException NamelessLabels(string column) => new(
        $"Label column '{column}' has no KeyValues annotation, but the learner's classes have names. "
        + "Make the key with MapValueToKey.");

    public static InvalidOperationException InconvertibleName(string name, Type type) => new(
        $"The learner's class '{name}' cannot be converted to {type.Name}, the type of the label's key values. "
        + "Label the support rows with the same type as in meta-training.");

    public static InvalidOperationException KeyCountTooLarge(string column, ulong count) => new(
        $"Label column '{column}' has {count} possible keys, too many for a Score vector. "
        + "Make the key with MapValueToKey over the labels that occur.");

    public static InvalidOperationException InactiveColumn(string name) => new(
        $"Column '{name}' was not requested when the cursor was created: add it to the needed columns.");

    public static NotSupportedException TransductiveLearner(string what) => new(
        $"A transductive learner cannot be {what}: its predictions depend on the other query rows of the batch. Use it for comparison "
        + "with published results (Evaluate), or meta-train with another ImageNormalization, such as Layer.");

    public static ObjectDisposedException DisposedLearner() => new(
        nameof(Learner), "The learner has been disposed. Its models need its sessions: dispose it after them.");

    public static ObjectDisposedException DisposedModel() => new(
        nameof(FewShotPredictionTransformer),
        "The adapted model has been disposed. Note that a PredictionEngine disposes its model, "
        + "unless created with PredictionEngineOptions { OwnsTransformer = false }.");

    public static InvalidOperationException Diverged(string parameter, int steps) => new(
        $"The adaptation diverged: after {steps} inner steps '{parameter}' is not finite. "
        + "Give features and targets in the units of the meta-training data, or use fewer steps.");

    public static InvalidOperationException FailedRun(Exception inner) => new(
        "ONNX Runtime failed to run the learner's graph: " + inner.Message, inner);

    public static InvalidOperationException NotOnRow() => new(
        "The cursor is on no row: call MoveNext first, and read only while it returns true.");

    public static InvalidOperationException GetterType(string column, Type expected, Type got) => new(
        $"Column '{column}' has values of type {expected.Name}, but a getter of {got.Name} was requested.");

    public static ArgumentException NotMetaTrained() => new(
        "The model contains no learner: expected the model that a meta-training estimator returned, "
        + "or that model saved by ml.Model.Save and loaded again.", "metaModel");

    public static ArgumentException NoSupportKept() => new(
        "The model has kept no support rows to continue from. Fit it with new FewShotTrainer.Options { KeepSupport = true }, or adapt "
        + "to all rows at once.", "model");

    public static ArgumentException ModelOfOtherLearner(string model, string learner) => new(
        $"The model was adapted from another learner ({model}) than the trainer's ({learner}). Use FewShot(model.Learner), or adapt to all "
        + "rows at once.", nameof(model));

    public static InvalidOperationException OtherLabelNames() => new(
        "The earlier or the new support rows have labels without names, so their classes cannot be matched. Map the labels of both with "
        + "the same kind of MapValueToKey.");

    public static InvalidOperationException OnnxNameClash(string column) => new(
        $"The feature column '{column}' has the name of an output of the exported model. "
        + $"Copy it to another name before training: ml.Transforms.CopyColumns(\"Features\", \"{column}\").");

    public static ArgumentException NotAdapted() => new(
        "The pipeline contains no adapted model: expected what ml.MetaLearning().FewShot(...).Fit returned, or a chain with it.", "model");

    public static NotSupportedException StageAfterModel(string stage) => new(
        $"The pipeline cannot be exported with the stage {stage} after the adapted model. The exported model already predicts labels by "
        + "name: export the chain without that stage.");

    public static NotSupportedException InexpressibleStage(string stage, string column, string known) => new(
        $"{stage}, which makes the column '{column}', cannot be exported to ONNX. Supported are {known}. Convert that part with another "
        + "converter and merge it: SaveAsOnnx(…, upstream: UpstreamOnnx.Load(path)) takes an ONNX model whose output is "
        + $"'{column}', or a column made from it. Or export the adapted model alone, which takes the features, and apply the stage before "
        + "it.");

    public static NotSupportedException InexpressibleColumn(DataViewSchema.Column column) => new(
        $"The column '{column.Name}' of type {column.Type} cannot be an input of an ONNX model: expected numbers, booleans or text, or "
        + "vectors of known length.");

    public static FormatException DamagedUpstream(string reason, Exception? inner = null) => new(
        $"The upstream model is damaged, or is not an ONNX model: {reason}. Convert it again.", inner);

    public static NotSupportedException UpstreamFeature(string feature, string advice) => new(
        $"The upstream model has {feature}, which cannot be merged: {advice}, and load it again.");

#pragma warning disable CA2208 // The parameter belongs to the public method that calls, not to the method here.
    public static ArgumentException NoSharedClasses(string labels) => new(
        $"The learner's labels are {labels}, and only a learner with Shared labels has its own classes. Map the label of each task's "
        + "support rows with MapValueToKey.", "learner");

    public static ArgumentException NoUpstreamOutput(string output, IEnumerable<string> outputs) => new(
        $"The upstream model has no output '{output}'. Its outputs are {Quoted(outputs)}.", "columns");

    public static ArgumentException UnusedUpstream(IEnumerable<string> outputs, IEnumerable<string> columns) => new(
        $"No output of the upstream model is a column that the features are made from. Its outputs are {Quoted(outputs)}, and the pipeline "
        + $"needs one of {Quoted(columns)}. Map columns to outputs: UpstreamOnnx.Load(path, columns).", "upstream");

    public static ArgumentException UnusedUpstreamColumn(string column, IEnumerable<string> columns) => new(
        $"An output of the upstream model is mapped to the column '{column}', but the features are made from {Quoted(columns)}. Map one "
        + "of these columns.", "upstream");

    public static ArgumentException UpstreamMismatch(string output, string got, DataViewSchema.Column column, string expected) => new(
        $"The upstream model's output '{output}' is {got}, but replaces the column '{column.Name}' of type {column.Type}: expected "
        + $"{expected}. Cast or reshape it in the converter, or choose another output.", "upstream");

    public static ArgumentException UpstreamRows(string input, string got) => new(
        $"The upstream model's input '{input}' is {got}: expected a free first dimension, for any number of rows. Convert it with a "
        + "dynamic batch dimension.", "upstream");

#pragma warning restore CA2208

    public static NotSupportedException OneRowModel(string reason, Exception? inner = null) => new(
        $"The pipeline cannot be exported: it contains a model for one row at a time, which does not work for more rows: {reason}. "
        + "Convert that model with a dynamic batch dimension.", inner);

#pragma warning disable CA1507, CA2208 // The parameter belongs to the public method that calls, not to the method here.
    public static ArgumentException BackboneOutputs(string path, IEnumerable<string> outputs) => new(
        $"The backbone '{path}' has the outputs {Quoted(outputs)}. Set output to the one that is the embedding.", "output");

    public static ArgumentException NoBackboneOutput(string path, string output, IEnumerable<string> outputs) => new(
        $"The backbone '{path}' has no output '{output}'. Its outputs are {Quoted(outputs)}. To use an inner layer, make it an output "
        + "first (onnx.utils.extract_model).", "output");

#pragma warning restore CA1507, CA2208
    public static NotSupportedException BackboneInputs(string path, IReadOnlyList<string> inputs) => new(
        $"The backbone '{path}' has {inputs.Count} inputs{(inputs.Count == 0 ? "" : $" ({Quoted(inputs)})")}: it must have one, for the "
        + "feature column. Replace the others with constants.");

    public static NotSupportedException BackboneShape(string path, string kind, string name, string shape) => new(
        $"The backbone '{path}' has the {kind} '{name}' of {shape}: expected Float [rows, …] with known sizes. Export the model with a "
        + "fixed size.");

    public static NotSupportedException UpstreamOperatorSet(long version, long oldest, long target) => new(
        $"The upstream model uses operator set {version}; {oldest} and later can be merged. Convert it with target operator set "
        + $"{target}.");

    public static NotSupportedException UpstreamOperator(string operation, long version, long target) => new(
        $"The upstream model uses operator set {version}, in which {operation} differs from operator set {target} of the exported model. "
        + $"Convert it with target operator set {target}.");

    public static InvalidOperationException UpstreamInputClash(string name, string one, string other) => new(
        $"The upstream model's input '{name}' is {one}, but the rest of the pipeline reads a column of that name as "
        + $"{other}. Rename the input, or add what the rest needs to the outputs of the upstream model.");

    public static NotSupportedException MergedModel(long version, long target, Exception inner) => new(
        $"ONNX Runtime rejects the upstream model merged with the rest: {inner.Message}. The upstream model uses operator set {version}, "
        + $"the exported model {target}. Convert the upstream model with target operator set {target}.", inner);

    public static NotSupportedException ExportRefused(Exception inner) => new(
        $"The pipeline cannot be exported: ONNX Runtime rejects the resulting model. {inner.Message} Nothing was written. "
        + $"Export the adapted model alone, and apply the stages before it separately.", inner);

    public static NotSupportedException ExportDiffers(string column, int slot, float expected, float got, string row) => new(string.Create(
        CultureInfo.InvariantCulture,
        $"The pipeline cannot be exported: for a row with {row}, element {slot} of '{column}' is {expected} in ML.NET and {got} in ONNX. "
        + $"Nothing was written. Export the adapted model alone, and apply the stages before it separately."));

    public static FormatException NotComputable(IEnumerable<string> outputs, string leaf, IEnumerable<string> inputs) => new(
        $"The values {string.Join(", ", outputs)} also depend on '{leaf}', which is not among the inputs {string.Join(", ", inputs)}.");

    public static FormatException NotDeclared(string value) => new($"The graph declares no value '{value}'.");

    public static FormatException WrongConstant(string name, string what) => new($"the constant '{name}' {what}");

#pragma warning disable CA2208 // The parameter belongs to the method that calls, not to the method here.
    public static ArgumentException NoGraphInput(string name) => new($"The graph has no input '{name}'.", "values");

    public static ArgumentException WrongElements(string name, string shape, long count, int got) => new(
        $"Tensor '{name}' of shape [{shape}] holds {count} elements, got {got}.", "data");

    public static ArgumentOutOfRangeException NoNumbers(Type type) => new(nameof(type), type, "Expected numbers or booleans.");

#pragma warning restore CA2208

    private static string Row(long row, string? set) => set is null ? $"Row {row}" : $"Row {row} of {set}";

    private static string Quoted(IEnumerable<string> names) => string.Join(", ", names.Select(name => $"'{name}'"));

    public static NotSupportedException NotImprovable(string kind) => new(
        $"The {kind} learner cannot be improved: its file has no meta-training graph. Meta-train it with the option Improvable = true.");

    public static InvalidOperationException ContributionDiverged() => new(
        "The contribution is not finite: the free or a nudged phase diverged on a task. Check for rows that differ from the meta-training "
        + "data, for example in other units.");

    public static InvalidOperationException NothingToContribute(bool ownClasses) => new(
        "No task has enough rows to contribute: " + (ownClasses
            ? "a task needs support rows of two classes and a query row of one of them."
            : "a task needs a support row and a query row; the first row of each class is a support row."));

    public static string LeftOutOfContribution(IReadOnlyList<string> tasks, string column) =>
        $"{tasks.Count} task{(tasks.Count == 1 ? "" : "s")} of column '{column}' had too few rows and contributed nothing: "
        + $"{Some(tasks)}.";

    /// <summary>A few of many names.</summary>
    public static string Some(IReadOnlyList<string> names) =>
        string.Join(", ", names.Take(5).Select(name => $"'{name}'")) + (names.Count > 5 ? ", …" : "");

    public static ArgumentException NoiseWithoutClipping(string options) => new(
        $"{options}.NoiseMultiplier is in units of ClippingNorm, which is null: set ClippingNorm, for example to 1.", nameof(options));

    public static FormatException DamagedContribution(string reason, Exception? inner = null) => new(
        $"The contribution is damaged, or is not a contribution: {reason}. Send it again as LearnerContribution.Save wrote it.", inner);

    public static NotSupportedException NewerContribution(int version, int supported) => new(
        $"The contribution has format version {version}; this version of MLNetMeta.Transforms reads version {supported}. Update the "
        + "package MLNetMeta.Transforms.");

    public static IOException ImproverInUse(string folder, Exception inner) => new(
        $"The folder '{folder}' of the improver is in use: only one improver at a time can use it. {inner.Message}", inner);

    public static FormatException DamagedImprover(string path, string reason, Exception? inner = null) => new(
        $"The state of the improver in '{path}' is damaged: {reason}. Restore it from a backup, or start in an empty folder.", inner);

    public static ArgumentException ImproverOfOtherLearner(string folder) => new(
        $"The folder '{folder}' belongs to the improver of another learner. Open it with a revision of that learner, or use an empty "
        + "folder.", nameof(folder));

    public static InvalidOperationException ImprovementDiverged() => new(
        "The slow parameters would not be finite after this step. Lower LearningRate or MaximumNorm.");
}
