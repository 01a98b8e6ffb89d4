using System.Globalization;
using System.Text.Json;
using MLNetMeta.Transforms;

namespace MLNetMeta.Trainers.Errors;

/// <summary>Every error of this library: what is wrong, the value, what is allowed, what to do.</summary>
internal static class TrainerThrow
{
    private const string UsesLibtorch = "MLNetMeta.Trainers meta-trains with libtorch, ";

    public static InvalidOperationException NoRows() => new("The meta-training data has no rows: expected the rows of many tasks.");

    public static InvalidOperationException TooFewTasks(int tasks, int minimum, string[] leftOut) => new(
        $"The data has {tasks} task{(tasks == 1 ? "" : "s")} with at least 2 rows{Besides(leftOut)}. At least {minimum} are needed, "
        + "each with a support row and a query row. Check the task column, or give more tasks.");

    public static InvalidOperationException TooFewToSearch(int groups, int minimum, string? taskColumn) => new(
        $"The data has {groups} usable {(taskColumn is null ? "classes" : $"tasks in column '{taskColumn}'")}. Auto needs at least "
        + $"{minimum} for training, model selection and the final estimate. Give more, or use ComplexSynapse or DualSystem.");

    public static InvalidOperationException TooFewClasses(int classes, int ways, int shots, string[] leftOut) => new(
        $"The data has {classes} classes with at least {shots + 1} rows{Besides(leftOut)}. {ways}-way {shots}-shot episodes need at least "
        + $"{ways} classes, each with {shots} support rows and a query row. Lower Ways or Shots, or give more rows.");

    /// <summary>A warning: they are not trained on.</summary>
    public static string LeftOut(string[] names, int kept, string? taskColumn) =>
        $"{names.Length} {(taskColumn is null ? "of the classes" : $"of the tasks of column '{taskColumn}'")} have too few rows for an "
        + $"episode and are left out ({Throw.Some(names)}); {kept} are used.";

    private static string Besides(string[] leftOut) =>
        leftOut.Length == 0 ? "" : $" (and {leftOut.Length} with fewer: {Throw.Some(leftOut)})";

    public static InvalidOperationException OneClass(string name) => new(
        $"All rows have the label '{name}'. A classifier needs at least two classes: check the label column.");

#pragma warning disable CA2208 // The parameter is an option of the public record, not a parameter of the method here.
    public static ArgumentException RuleCannotServe(string rule, string what, string advice) => new(
        $"The rule '{rule}' cannot be used with {what}: {advice}.", "Rule");

    public static ArgumentException BodyOfEpisodes() => new(
        "FastParameters.Body needs classes that all tasks share. In episodes, all classes start from the same readout column, and a slow "
        + "readout cannot separate them. Set Tasks to a TaskColumn, or use FastParameters.All or Head.", "FastParameters");

    public static ArgumentException MissingClasses() => new(
        "MissingTargets is for regression only. For classification, remove the rows without a class and leave MissingTargets unset.",
        "MissingTargets");

    public static ArgumentException LearnerOfOtherLabels(bool isBinary, string label) => new(
        isBinary
            ? $"The learner was meta-trained on Boolean labels, but label column '{label}' holds keys. Give the labels as Boolean."
            : $"The learner was meta-trained on keys, but label column '{label}' is Boolean. Map it to keys with the learner's classes: "
            + $"ml.MetaLearning().MapLabelToKey(learner, \"{label}\").", "learner");

    public static ArgumentException NoExampleWeights() => new(
        "ExampleWeightColumnName is for learners that were meta-trained with weights (Learner.TakesExampleWeights). Leave it unset.");

    public static ArgumentException NoIntervals() => new(
        "IntervalCoverage is for regression only. Class probabilities are calibrated without it. Leave it unset.",
        "IntervalCoverage");

    public static ArgumentException NoAdviceForSpikes() => new(
        "The contrastive rule of a spiking network needs a given strength: the losses jump with every spike, so none can be advised. "
        + "Set Rule to MetaGradientRule.Contrastive(strength: 3, …).", "Rule");

    public static ArgumentException ShotsOfTasks(string shots, bool isClassification) => new(
        $"Tasks.Shots is {shots}: it is the number of support rows of each class, and "
        + (isClassification
            ? "SupportRows is the number of all support rows. Set only one of them."
            : "a regression has no classes. Set SupportRows instead."), "Tasks");

#pragma warning restore CA2208

    public static InvalidOperationException OutsideEncoding(
        string column, int row, int slot, float value, double? minimum, double? maximum) => new(FormattableString.Invariant(
        $"Row {row} has {value} in feature column '{column}', element {slot}, outside the encoding's range from {minimum} to {maximum}. ")
        + "Widen Minimum and Maximum of the PopulationCode, leave both null to take the range of the rows, or clip the feature first.");

    public static InvalidOperationException NoWholeSpikeTrains(string column, int features, int steps) => new(
        $"Feature column '{column}' has {features} values, which is not a multiple of {steps} time steps. Without an encoding, a row has "
        + "one value for each time step and input neuron. Correct TimeSteps, or set Encoding to convert numbers to spikes.");

    public static ArgumentException LearnedZero(string learn, string strength) => new(
        $"{learn} needs a {strength} above 0, because its logarithm is learned. Set {learn} to false for no pull.", learn);

    public static ArgumentException SameColumn(string first, string second, string column) => new(
        $"{first} and {second} are both '{column}': they must be different columns. Correct one of them.", second);

    /// <summary>A warning: odd, and not wrong.</summary>
    public static string OneClassEach(string taskColumn, string labelColumn) =>
        $"Every task of column '{taskColumn}' has rows of one class only, so there is nothing to classify within a task. Check that "
        + $"'{taskColumn}' is the task column and '{labelColumn}' the label column.";

    public static ArgumentException NotWithTasks(string name, int value, string taskColumn) => new(string.Create(
        CultureInfo.InvariantCulture,
        $"{name} is {value}, but the tasks of column '{taskColumn}' have their own classes and rows. Leave {name} out (supportRows sets "
        + $"the number of support rows), or leave out taskColumnName to draw episodes."), name);

    public static ArgumentException OnlyWithTasks(string name, int value) => new(string.Create(
        CultureInfo.InvariantCulture,
        $"{name} is {value}, but the tasks are episodes, which have ways × shots support rows. Leave {name} out, or set "
        + $"taskColumnName."), name);

    public static ArgumentException TaskColumnNeeded() => new(
        "Regression needs a task column: set Tasks to new TaskColumn(\"…\").", "Tasks");

    public static InvalidOperationException OtherImageShape(
        string column, int features, string owner, int channels, int height, int width) => new(
        $"Feature column '{column}' has {features} values, but the {owner}'s images have {channels} × {height} × {width} "
        + "(channels × height × width). Resize the images, or correct the ImageShape.");

    public static FileNotFoundException NoImages(string path) => new(
        $"There is no folder or file '{path}'. Give a folder of images, or a zip archive of one.", path);

    public static InvalidOperationException NoImagesIn(string path) => new(
        $"'{path}' contains no images: expected PNG, JPEG, BMP, GIF or WebP files in folders named after their classes.");

    public static FormatException NoArchive(string path, Exception inner) => new(
        $"'{path}' is not a zip archive, or is truncated: {inner.Message} Copy it again, or give the unpacked folder.", inner);

    public static FormatException NoImage(string file, Exception? inner = null) => new(
        $"'{file}' cannot be decoded: it is damaged, truncated or not an image. Remove or replace it.", inner);

    public static FormatException ImageTooLarge(string file, string size, string allowed, string limit) => new(FormattableString.Invariant(
        $"'{file}' has {size}; at most {allowed} are allowed. Make it smaller, or raise ImageLimits.{limit} if you trust the file."));

    public static FormatException NoMemoryForImage(string file, int height, int width) => new(FormattableString.Invariant(
        $"'{file}' has {height:N0} × {width:N0} pixels, too many for the available memory. Make it smaller."));

    public static InvalidOperationException TooManyImages(string path, int maximum) => new(FormattableString.Invariant(
        $"'{path}' contains more than {maximum:N0} images. Split it, or raise ImageLimits.MaximumFiles."));

    public static InvalidOperationException TooDeep(string path) => new(
        $"'{path}' is nested too deep. Give a folder nearer to the images, or raise ImageLimits.MaximumDepth.");

    public static InvalidOperationException TooFewImages(string name, int count, int minimum, string path) => new(
        $"Class '{name}' in '{path}' has {count} images: at least {minimum} are needed. Add images, remove the class, or lower "
        + "minimumImagesPerClass.");

    public static InvalidOperationException NothingToNudge(string rule) => new(
        $"The rule '{rule}' has no nudged phase to give advice on. Set Rule to MetaGradientRule.Contrastive.");

    public static InvalidOperationException OtherCheckpoint(string path, string differences) => new(
        $"The checkpoint '{path}' was written with other options or other data ({differences}). "
        + "Use the same options to resume, delete the file to start anew, or choose another path for the checkpoint.");

    public static DirectoryNotFoundException NoCheckpointFolder(string path) => new(
        $"The folder of the checkpoint '{path}' does not exist. Create it, or choose another path for the checkpoint.");

    public static DirectoryNotFoundException NoFolder(string path) => new(
        $"The folder '{path}' for the checkpoints of the search does not exist. Create it, or choose another one.");

    public static InvalidOperationException CheckpointIsFolder(string path) => new(
        $"The checkpoint '{path}' is a folder. Give the path of a file.");

    public static IOException InterruptedWithoutCheckpoint(string path, int step, Exception inner) => new(
        $"Meta-training was cancelled at meta-step {step}, and its checkpoint '{path}' could not be written: {inner.Message} The "
        + "training since the last checkpoint is lost. Free disk space, allow writing to the folder, or choose another path for the "
        + "checkpoint. Then train again.", inner);

    public static FormatException DamagedCheckpoint(string path, Exception inner) => new(
        $"The checkpoint '{path}' is damaged or not a checkpoint: {inner.Message} Delete it to start anew, or choose another path for "
        + "the checkpoint.", inner);

    /// <summary>The reason that <see cref="DamagedCheckpoint"/> gives.</summary>
    public static JsonException CheckpointFault(string reason) => new(reason);

    /// <summary>What a meta-training says when it has ended.</summary>
    public static string Gained(bool hasClasses, double mean, double? interval95, int tasks) => string.Create(
        CultureInfo.InvariantCulture,
        $"Meta-training gained {mean:G3}{(interval95 is { } interval ? FormattableString.Invariant($" ± {interval:G2}") : "")} "
        + $"{(hasClasses ? "accuracy" : "of squared error (standardised targets)")} over no meta-training, as a mean over "
        + $"{tasks} validation tasks, on which the best parameters were chosen.");

    /// <summary>A warning: the training was for nothing.</summary>
    public static string NoGain(double start, double best, int steps) => string.Create(
        CultureInfo.InvariantCulture,
        $"The validation loss did not improve in {steps} meta-steps: {start:G4} before the first step, {best:G4} at best after it. The "
        + $"learner keeps its initial parameters, which are not meta-trained. Lower the meta-learning rate (Training.Optimizer), give more "
        + $"tasks, raise Training.ValidationTasks, or do not meta-train.");

    public static string PhaseDiverged(double strength, int steps, int task, double learningRate) =>
        $"The {(strength == 0 ? "free" : "nudged")} phase diverged within {steps} steps (task {task} of the meta-batch, nudging strength "
        + $"{strength}). Lower the inner learning rate (it is {learningRate})" + (strength == 0 ? "." : " or the nudging strength.");

#pragma warning disable CA2208 // The parameter is an option of the public record.
    public static ArgumentException EngineCannotServe(string what, string advice) => new(
        $"Compute.OnnxRuntime supports the contrastive rule only, not {what}: {advice}.", "Compute");
#pragma warning restore CA2208

#pragma warning disable CA2208 // The parameter is an option of the public record.
    public static ArgumentException NotImprovable(string what, string advice) => new(
        $"Improvable needs meta-training as an ONNX graph, which does not support {what}: {advice}, or set Improvable to false.",
        "Improvable");
#pragma warning restore CA2208

    public static string MetaGradientNotFinite =>
        "The meta-gradient is not finite. Lower the meta-learning rate or the inner learning rate.";

    public static InvalidOperationException Diverged(int step, Exception inner) => new(
        $"Meta-training diverged at meta-step {step}: {inner.Message}", inner);

    public static PlatformNotSupportedException NoLibtorchFor(string platform, string[] supported) => new(
        $"{UsesLibtorch}which does not exist for {platform}, only for {string.Join(", ", supported)}. Adapting and predicting "
        + "(MLNetMeta.Transforms) need no libtorch and run here.");

    public static DllNotFoundException LibtorchNotFound(string platform, string version, string[] searched) => new(
        $"{UsesLibtorch}which was not found. Add it to the program that trains: dotnet add package libtorch-cpu-{platform} --version "
        + version + (platform == "osx-arm64" ? ". " : $" (or libtorch-cuda-12.8-{platform} for an NVIDIA GPU). ")
        + $"Searched: {string.Join(", ", searched)}.");

    public static DllNotFoundException LibtorchDoesNotLoad(string folder, string advice, string loaderError) => new(
        $"{UsesLibtorch}which was found in {folder} but does not load. {advice}{Environment.NewLine}Loader error: {loaderError}");

    public static NotSupportedException NoCuda(string device) => new(
        $"Device '{device}' was requested, but libtorch finds no CUDA device. It needs an NVIDIA GPU with its driver and the package "
        + "libtorch-cuda-12.8-linux-x64 (or -win-x64) in place of libtorch-cpu. To train on the CPU, use Compute.Torch().");

    public static NotSupportedException NoSuchDevice(string device, int devices) => new(
        $"Device '{device}' was requested, but there are {devices} CUDA devices, numbered from 0. Choose one of them.");

#pragma warning disable CA2208 // The parameter is the public Evaluate's, not one of the methods here.
    public static ArgumentException LearnerOfOtherTask(MetaTask predicted, MetaTask tasks) => new(
        $"The learner was meta-trained for {predicted}, but the tasks are {tasks}. Use ml.MetaLearning().{predicted}.", "learner");

    public static ArgumentException LearnerOfSharedClasses() => new(
        "The learner's tasks share their classes: set Tasks to new TaskColumn(\"…\").", "learner");

    public static ArgumentException LearnerOfEpisodes() => new(
        "The learner adapts to new classes in every task: set Tasks to new Episodes().", "learner");

    public static ArgumentException LearnerOfOtherFeatures(int features, string column, int actual) => new(
        $"The learner takes {features} features, but column '{column}' has {actual}. Give the features of the meta-training.", "learner");

    public static ArgumentException LearnerOfCompleteTargets() => new(
        "The learner was not meta-trained for missing targets. Meta-train it with MissingTargets, or leave MissingTargets of the "
        + "evaluation unset.", "learner");

    public static ArgumentException LearnerOfOtherTargets(int? targets, string column, int actual) => new(
        $"The learner predicts {targets} numbers, but column '{column}' has {actual}. Give the label of the meta-training.", "learner");

    public static ArgumentException UnknownClass(string column, string name, string[] known) => new(
        $"Column '{column}' has rows of class '{name}', which the learner does not know: its classes are {string.Join(", ", known)}. "
        + "Remove such rows, or meta-train on tasks that have the class.", "learner");
#pragma warning restore CA2208

    public static ArgumentException NoParameters(string whose) => new(
        $"The list of parameters of the {whose} is missing. Return an ImmutableArray<ParameterSpec>, empty if there are none.");

    public static ArgumentException UnnamedParameter(string whose) => new(
        $"A parameter of the {whose} has no name. Give every parameter a name of its own.");

    public static ArgumentException SameParameterName(string whose, string name) => new(
        $"Two parameters of the {whose} have the name '{name}'. Give every parameter a name of its own; the readout adds head.weight and "
        + "head.bias, and every stage a name that ends in .gain and one in .shift.");

    public static ArgumentException ParameterShape(string whose, string name, string shape) => new(
        $"Parameter '{name}' of the {whose} has the shape {shape}: at least one axis is needed, and every length must be at least 1.");

    public static ArgumentException PerClassShape(string whose, string name, string shape) => new(
        $"Parameter '{name}' of the {whose} is per class and has the shape {shape}: its last length must be 1, for the column that all "
        + "classes start from.");

    public static InvalidOperationException OtherInputs(string network, string column, int features, int inputs) => new(
        $"The network {network} takes {inputs} features, but column '{column}' has {features}. Create the network with the number of "
        + "features that CustomNetwork passes to its function.");

    public static InvalidOperationException NoNetwork(int features) => new(
        $"CustomNetwork's function returned null for {features} features. Return a network.");

    public static InvalidOperationException NoLearner() => new("The function that makes the learner returned null. Return a learner.");

    public static InvalidOperationException LearnerCannotBeWritten(string kind, Exception reason) => new(
        $"The learner '{kind}' cannot be run as an ONNX graph: {reason.Message} Check it with LearnerContract.Verify of "
        + "MLNetMeta.Trainers.Testing.", reason);

    public static InvalidOperationException OtherLearner(
        string kind, (int Inputs, int? Outputs, string Loss) said, (int Inputs, int? Outputs, string Loss) data) => new(
        $"The learner '{kind}' is for {Words(said)}, but the rows are for {Words(data)}. Create it with the network and the loss that "
        + "are passed to the function.");

    public static ArgumentException Stages() => new(
        "The list of stages of the network is missing, or a stage has no name or no units. Return an ImmutableArray<NetworkStage>, empty "
        + "if there are none.");

    public static ArgumentException ReservedName(string kind, string name) => new(
        $"The learner '{kind}' has a slow parameter '{name}', a name that the learner file reserves. Give it another name.");

    public static ArgumentException PredictionShape(string kind, string got, string expected) => new(
        $"Predict of the learner '{kind}' returns the shape [{got}] for the query rows, expected [{expected}].");

#pragma warning disable CA2208 // The parameter belongs to the public method that calls, not to the method here.
    public static ArgumentException TwoValues(string name) => new(
        $"Two values have the name '{name}'. Give every value a name of its own.", "names");
#pragma warning restore CA2208

    public static ArgumentException OtherNumberOfValues(int names, int values) => new(
        $"{names} names were given for {values} values. Give one value for each name.", nameof(values));

    public static KeyNotFoundException NoNamedValue(string name, IEnumerable<string> known) => new(
        $"No value '{name}' exists. The names are {string.Join(", ", known)}.");

    public static NotSupportedException GradientOfTargets(string loss, string argument) => new(
        $"{loss} has a gradient with respect to its {argument} only: hold the targets fixed (StopGradient).");

    public static ArgumentException RuleWithoutText(string rule) => new(
        $"The update rule {rule} does not override ToString, and a checkpoint compares rules by that text. Override ToString, or make the "
        + "rule a record.", nameof(rule));

    public static ArgumentException OtherParameters(string parameters, string other) => new(
        $"Parameters differ in names or shapes: {parameters} and {other}.", nameof(other));

    public static ArgumentException PatchesOf(int positions, string images) => new(
        $"The PatchMap is for images of {positions} positions, and the images have the shape {images}. Make it for their height and width.",
        nameof(images));

    public static ArgumentException MatMulOf(string a, string b) => new(
        $"MatMul cannot multiply {a} and {b}: the last length of the first must be the second to last of the second.");

    public static NotSupportedException UnknownLength(int axis, string shape) => new(
        $"Axis {axis} of {shape} has no known length when the graph is written. Ask only for lengths that are known.");

    public static ArgumentException SplitLastOf(string shape, int inner) => new(
        $"SplitLast cannot split {shape} into parts of {inner}: the last length must be a multiple of {inner}.");

    public static ArgumentException SplitRowsOf(string shape, int positions) => new(
        $"SplitRows cannot split {shape} into images of {positions} positions: the number of rows must be a multiple of {positions}.");

    public static ArgumentException BroadcastOf(string operation, string a, string b) => new(
        $"{operation} cannot broadcast {a} and {b}: two lengths of an axis must be equal, or one of them 1.");

    public static ArgumentOutOfRangeException NoMetric(string name, IEnumerable<string> known) => new(
        nameof(name), name, $"There is no such metric. The metrics are {string.Join(", ", known)}.");

    private static string Words((int Inputs, int? Outputs, string Loss) of) =>
        $"{of.Inputs} features, {(of.Outputs is { } outputs ? $"{outputs} outputs" : "one output per class")} and the loss {of.Loss}";
}
