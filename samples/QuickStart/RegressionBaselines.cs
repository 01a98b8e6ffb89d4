using Microsoft.ML;
using Microsoft.ML.Trainers;
using Microsoft.ML.Trainers.FastTree;
using Microsoft.ML.Transforms;

namespace MLNetMeta.Samples;

/// <summary>
/// Methods that learn a curve from a few rows without meta-training. All get features that were standardised over the history.
/// </summary>
internal static class RegressionBaselines
{
    private static readonly float[] _regularizations = [0.01f, 0.1f, 1f];

    public static IReadOnlyList<Baseline> All(MLContext ml, IReadOnlyList<int> hiddenUnits, int seed) =>
    [
        FromScratch(ml, hiddenUnits, seed),
        new(
            "ML.NET FastTree",
            [.. new[] { (20, 4), (100, 8) }.Select(s => ($"{s.Item1} trees of {s.Item2} leaves", Trees(seed, s.Item1, s.Item2)))]),
        new("ML.NET Sdca", [.. _regularizations.Select(r => ($"L2 {r}", Sdca(ml, r)))]),
        new("ML.NET Sdca on random Fourier features", [.. from width in new[] { 0.5f, 2f } from r in _regularizations
            select ($"kernel γ {width}, L2 {r}", (IEstimator<ITransformer>)Kernel(ml, width, seed).Append(Sdca(ml, r)))]),
        new("ML.NET OnlineGradientDescent", [.. new[] { 0.01f, 0.1f }.Select(r => ($"learning rate {r}", Gradient(ml, r)))]),
    ];

    /// <summary>
    /// The learners' network, trained only on the rows of the task. The number of steps and the weight decay are chosen on the history.
    /// </summary>
    public static Baseline FromScratch(MLContext ml, IReadOnlyList<int> hiddenUnits, int seed)
    {
        ScratchSettings[] settings =
        [
            .. from steps in new[] { 200, 1000 }
               from decay in new[] { 0f, 0.001f, 0.01f }
               select new ScratchSettings(steps, 0.01f, decay),
        ];
        return new("Same network from scratch", [.. settings.Select(s =>
            (
                s.ToString(),
                (IEstimator<ITransformer>)new SupportTrainer(ml, support => ScratchNetwork.Train(support, hiddenUnits, s, seed))))]);
    }

    private static IEstimator<ITransformer> Trees(int seed, int trees, int leaves) =>
        new FreshContextTrainer(seed, ml => ml.Regression.Trainers.FastTree(
        new FastTreeRegressionTrainer.Options
        {
            NumberOfTrees = trees,
            NumberOfLeaves = leaves,
            MinimumExampleCountPerLeaf = 1,
            NumberOfThreads = 1,
        }));

    private static IEstimator<ITransformer> Sdca(MLContext ml, float l2) => ml.Regression.Trainers.Sdca(new SdcaRegressionTrainer.Options
    {
        L1Regularization = 0,
        L2Regularization = l2,
        MaximumNumberOfIterations = 200,
        NumberOfThreads = 1,
    });

    private static ApproximatedKernelMappingEstimator Kernel(MLContext ml, float gamma, int seed) =>
        ml.Transforms.ApproximatedKernelMap(
            "Features", rank: 100, useCosAndSinBases: true, generator: new GaussianKernel(gamma), seed: seed);

    private static IEstimator<ITransformer> Gradient(MLContext ml, float rate) => ml.Regression.Trainers.OnlineGradientDescent(
        new OnlineGradientDescentTrainer.Options { LearningRate = rate, NumberOfIterations = 50, DecreaseLearningRate = true });
}
