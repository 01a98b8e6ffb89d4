using LearnerEverywhere;
using MLNetMeta.Testing;
using Xunit;

namespace MLNetMeta.Transforms.Tests;

/// <summary>The same learner file learns the same task in other languages; skipped where they are not installed.</summary>
public sealed class OutsideDotNetTests
{
    private const string NodeSample = "samples/NodeJs";

    // In another order than that of their first rows.
    private static readonly TinyLearner _shared = new() { Features = 5, Classes = ["south", "north", "east", "west"] };

    private static readonly TinyLearner _intervals = new() { Task = MetaTask.Regression, Features = 5, Outputs = 2, Coverage = 0.9 };

    [OutsideFact("node", $"{NodeSample}/node_modules/onnxruntime-web", $"run npm install in {NodeSample}")]
    public void NodeJs_LearnsTheTask_AsDotNet() => AssertLearns("node", $"{NodeSample}/learn.mjs", new TinyLearner { Features = 5 });

    [OutsideFact("node", $"{NodeSample}/node_modules/onnxruntime-web", $"run npm install in {NodeSample}")]
    public void NodeJs_LearnsSharedClasses_AsDotNet() => AssertLearns("node", $"{NodeSample}/learn.mjs", _shared);

    [OutsideFact("node", $"{NodeSample}/node_modules/onnxruntime-web", $"run npm install in {NodeSample}")]
    public void NodeJs_PredictsWithIntervals_AsDotNet() => AssertLearns("node", $"{NodeSample}/learn.mjs", _intervals);

    [OutsideFact("python3", null, "", "-c", "import onnxruntime, numpy")]
    public void Python_PredictsWithIntervals_AsDotNet() => AssertLearns("python3", "samples/Python/learn.py", _intervals);

    [OutsideFact("python3", null, "", "-c", "import onnxruntime, numpy")]
    public void Python_LearnsTheTask_AsDotNet() => AssertLearns("python3", "samples/Python/learn.py", new TinyLearner { Features = 5 });

    [OutsideFact("python3", null, "", "-c", "import onnxruntime, numpy")]
    public void Python_LearnsSharedClasses_AsDotNet() => AssertLearns("python3", "samples/Python/learn.py", _shared);

    [OutsideFact("chromedriver", $"{NodeSample}/node_modules/onnxruntime-web", $"run npm install in {NodeSample}")]
    public void Browser_DrawnToByMouse_LearnsAndRecognises()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder.File("learner.onnx"), new TinyLearner { Features = 14 * 14 }.File());

        var (status, output) = OutsideProgram.Run(
            "node", Path.Combine(OutsideProgram.Root, "samples/BrowserDraw/check.mjs"), folder.File("learner.onnx"));

        Assert.True(status == 0, output);
    }

    private static void AssertLearns(string program, string script, TinyLearner file)
    {
        using var folder = new TemporaryFolder();
        using var learner = file.Load();
        TaskFile.WriteTo(folder.Path, learner);

        var (status, output) = OutsideProgram.Run(program, Path.Combine(OutsideProgram.Root, script), folder.Path);

        Assert.True(status == 0, output);
        Assert.Contains("largest difference", output, StringComparison.Ordinal);
    }
}
