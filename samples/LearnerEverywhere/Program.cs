using LearnerEverywhere;
using Microsoft.ML;
using MLNetMeta.Transforms;

// dotnet run -c Release --project samples/LearnerEverywhere -- FOLDER LEARNER
if (args.Length != 2)
{
    Console.Error.WriteLine("""
        usage: LearnerEverywhere FOLDER LEARNER

        Writes FOLDER/learner.onnx and FOLDER/task.json, a task with the scores that .NET gives, for

            node samples/NodeJs/learn.mjs FOLDER
            python samples/Python/learn.py FOLDER

        LEARNER is a learner file, as Learner.Save writes it after meta-training. To try with
        random weights: dotnet run -c Release --project benchmarks/Benchmarks learner learner.onnx
        """);
    return 2;
}
using var learner = new MLContext().MetaLearning().LoadLearner(args[1]);
TaskFile.WriteTo(args[0], learner);
Console.WriteLine($"Wrote {Path.Combine(args[0], "learner.onnx")} and {Path.Combine(args[0], "task.json")}.");
return 0;
