using Microsoft.ML;
using Microsoft.ML.Trainers;
using Microsoft.ML.Trainers.FastTree;

namespace MLNetMeta.Samples;

/// <summary>
/// Methods that learn classes from a few rows without meta-training. All get features that were standardised over the history.
/// </summary>
internal static class ClassificationBaselines
{
    private static readonly float[] _regularizations = [0.01f, 0.1f, 1f];

    /// <summary>The methods that take milliseconds per task.</summary>
    public static IReadOnlyList<Baseline> Quick(MLContext ml, IReadOnlyList<int> hiddenUnits, int seed) =>
    [
        FromScratch(ml, hiddenUnits, seed),
        Nearest.Neighbour(ml),
        Nearest.Mean(ml),
        new("ML.NET LbfgsMaximumEntropy", [.. _regularizations.Select(r => ($"L2 {r}", Lbfgs(ml, r)))]),
        new("ML.NET SdcaMaximumEntropy", [.. _regularizations.Select(r => ($"L2 {r}", Sdca(ml, r)))]),
        new("ML.NET NaiveBayes", ("defaults", ml.MulticlassClassification.Trainers.NaiveBayes())),
    ];

    /// <summary>One ensemble of trees for each class. It takes about half a second per task, most of it for ML.NET's preparation.</summary>
    public static Baseline FastTree(int seed) => new(
        "ML.NET FastTree, one versus all",
        [.. new[] { (20, 2), (50, 4) }.Select(s => ($"{s.Item1} trees of {s.Item2} leaves", Trees(seed, s.Item1, s.Item2)))]);

    /// <summary>
    /// The learners' network, trained only on the rows of the task. Early stopping and weight decay are chosen on the history.
    /// </summary>
    public static Baseline FromScratch(MLContext ml, IReadOnlyList<int> hiddenUnits, int seed)
    {
        ScratchSettings[] settings =
        [
            .. from steps in new[] { 50, 200 }
               from decay in new[] { 0f, 0.01f, 0.1f }
               select new ScratchSettings(steps, 0.01f, decay),
        ];
        return new("Same network from scratch", [.. settings.Select(s =>
            (
                s.ToString(),
                (IEstimator<ITransformer>)new SupportTrainer(ml, support => ScratchNetwork.Train(support, hiddenUnits, s, seed))))]);
    }

    private static IEstimator<ITransformer> Lbfgs(MLContext ml, float l2) => ml.MulticlassClassification.Trainers.LbfgsMaximumEntropy(
        new LbfgsMaximumEntropyMulticlassTrainer.Options { L1Regularization = 0, L2Regularization = l2, NumberOfThreads = 1 });

    private static IEstimator<ITransformer> Sdca(MLContext ml, float l2) => ml.MulticlassClassification.Trainers.SdcaMaximumEntropy(
        new SdcaMaximumEntropyMulticlassTrainer.Options
        {
            L1Regularization = 0, L2Regularization = l2, MaximumNumberOfIterations = 100, NumberOfThreads = 1,
        });

    private static IEstimator<ITransformer> Trees(int seed, int trees, int leaves) =>
        new FreshContextTrainer(seed, ml => ml.MulticlassClassification.Trainers.OneVersusAll(
        ml.BinaryClassification.Trainers.FastTree(new FastTreeBinaryTrainer.Options
        {
            NumberOfTrees = trees,
            NumberOfLeaves = leaves,
            MinimumExampleCountPerLeaf = 1,
            NumberOfThreads = 1,
        })));
}
